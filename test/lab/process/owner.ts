/** A process that owns a lab: it starts the one of its argument, says what it is, and waits. */
import { type LabOptions, startLab } from '../../../src/lab/index.ts'

const options: LabOptions = JSON.parse(process.argv[2] ?? '')
const { info } = await startLab(options)
console.log(JSON.stringify(info))
