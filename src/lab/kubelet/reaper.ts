/**
 * A program: kills what is left of a lab when the process at the other end of its standard input has died.
 * Its argument is the home of the lab.
 */
import { text } from 'node:stream/consumers'
import { releasedWord } from './guard.ts'
import { sweep } from './leftovers.ts'

const [home] = process.argv.slice(2)
const lastWords = await text(process.stdin).catch(() => '')
if (home && lastWords !== releasedWord) sweep(home)
