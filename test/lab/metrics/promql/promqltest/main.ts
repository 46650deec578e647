import { existsSync } from 'node:fs'
import { type Outcome, runFolder } from './run.ts'

// `npm run promqltest -- DIR`: runs the `*.test` files of a folder, as Prometheus has them in promql/promqltest/testdata.

const [folder, ...more] = process.argv.slice(2)
if (!folder || more.length > 0 || !existsSync(folder)) {
  console.error('Usage: npm run promqltest -- DIR, a folder with *.test files of Prometheus')
  process.exit(2)
}
const outcomes = runFolder(folder)
for (const { file, line, query, reason } of of('out of scope')) {
  console.log(`out of scope  ${file}:${line}  ${query}\n              ${reason}`)
}
for (const { file, line, query, reason } of of('failed')) {
  console.log(`failed        ${file}:${line}  ${query}\n              ${reason}`)
}
console.log(`${of('passed').length} passed, ${of('failed').length} failed, ${of('out of scope').length} out of scope`)
// Not exit(): a pipe may not have taken everything yet.
process.exitCode = of('failed').length > 0 ? 1 : 0

function of(outcome: Outcome['outcome']): Outcome[] {
  return outcomes.filter((each) => each.outcome === outcome)
}
