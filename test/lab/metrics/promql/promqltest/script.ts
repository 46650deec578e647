import { durationMs } from '../../../../../src/lab/metrics/promql/durations.ts'
import { unquote } from '../../../../../src/lab/metrics/promql/strings.ts'
import { type NotedSeries, readSeries } from './series-notation.ts'

/** Data that a script loads: points at 0, `stepMs`, twice that … */
export interface Load {
  kind: 'load'
  stepMs: number
  series: NotedSeries[]
  /** Whether classic histograms are to be there as native ones, too. */
  withNative: boolean
}

/** A query, and what is expected of it. */
export interface Evaluation {
  kind: 'eval'
  line: number
  query: string
  /** When: a time, or the steps of a range. */
  startMs: number
  endMs: number
  stepMs: number
  isRange: boolean
  expected: Expected
}

/** A message, or any. */
export type MessageTest = (message: string) => boolean

export interface Expected {
  /** Set: it must fail, with a message that passes all tests. */
  failure?: MessageTest[]
  /** Set: there must be such annotations, and no others. */
  warnings?: MessageTest[]
  infos?: MessageTest[]
  noWarnings?: boolean
  noInfos?: boolean
  /** Whether the order of the series counts. */
  ordered?: boolean
  scalar?: number
  text?: string
  /** The times of the points of a range vector. */
  rangeVector?: { startMs: number; stepMs: number }
  series: NotedSeries[]
}

export type Command = Load | Evaluation | { kind: 'clear' }

/** Reads a script of Prometheus' test language (`promql/promqltest/README.md` there). @throws Error naming the line */
export function readScript(text: string): Command[] {
  const lines = text.split('\n').map((line) => (line.trim().startsWith('#') ? '' : line.trim()))
  const commands: Command[] = []
  for (let i = 0; i < lines.length; i++) {
    const first = lines[i] ?? ''
    if (first === '') continue
    const start = i
    // Comments within a command leave no gap in it, blank lines end it.
    while (i + 1 < lines.length && isContinuation(text, lines, i + 1)) i++
    const details = lines.slice(start + 1, i + 1).filter((line) => line !== '')
    commands.push(readCommand(first, details, start + 1))
  }
  return commands
}

function isContinuation(text: string, lines: readonly string[], index: number): boolean {
  const line = lines[index] ?? ''
  if (/^(?:load|clear|eval)\b|^(?:load|eval)_/.test(line)) return false
  return line !== '' || (text.split('\n')[index] ?? '').trim().startsWith('#')
}

function readCommand(first: string, details: string[], line: number): Command {
  try {
    if (first === 'clear') return { kind: 'clear' }
    const load = /^load(_with_nhcb)?\s+(\S+)$/.exec(first)
    if (load) {
      return {
        kind: 'load',
        withNative: load[1] !== undefined,
        stepMs: timeOf(load[2]),
        series: details.map(readSeries),
      }
    }
    return readEvaluation(first, details, line)
  } catch (error) {
    throw new Error(`line ${line}: ${error instanceof Error ? error.message : error}`)
  }
}

const instantPattern = /^eval(?:_(\w+))?\s+instant\s+(?:at\s+(\S+)\s+)?(.+)$/
const rangePattern = /^eval(?:_(\w+))?\s+range\s+from\s+(\S+)\s+to\s+(\S+)\s+step\s+(\S+)\s+(.+)$/

function readEvaluation(first: string, details: string[], line: number): Evaluation {
  const range = rangePattern.exec(first)
  if (range) {
    const [, flag, from, to, step, query = ''] = range
    const times = { startMs: timeOf(from), endMs: timeOf(to), stepMs: timeOf(step) }
    return { kind: 'eval', line, query, isRange: true, ...times, expected: readExpected(flag, details) }
  }
  const instant = instantPattern.exec(first)
  if (!instant) throw new Error(`no command: ${first}`)
  const [, flag, at, query = ''] = instant
  const times = { startMs: timeOf(at), endMs: timeOf(at), stepMs: 60_000 }
  return { kind: 'eval', line, query, isRange: false, ...times, expected: readExpected(flag, details) }
}

function readExpected(flag: string | undefined, details: string[]): Expected {
  const expected: Expected = { series: [] }
  if (flag === 'fail') expected.failure = []
  if (flag === 'warn') expected.warnings = [() => true]
  if (flag === 'info') expected.infos = [() => true]
  if (flag === 'ordered') expected.ordered = true
  for (const line of details) readDetail(expected, line)
  return expected
}

function readDetail(expected: Expected, line: string): void {
  const rangeVector = /^expect range vector\s+from\s+(\S+)\s+to\s+\S+\s+step\s+(\S+)$/.exec(line)
  const text = /^expect string\s+(.+)$/.exec(line)
  const old = /^expected_fail_(message|regexp)\s+(.+)$/.exec(line)
  const expectation = /^expect\s+(ordered|fail|warn|no_warn|info|no_info)(?:\s+(regex|msg):(.+))?$/.exec(line)
  if (rangeVector) expected.rangeVector = { startMs: timeOf(rangeVector[1]), stepMs: timeOf(rangeVector[2]) }
  else if (text) expected.text = unquote(text[1] ?? '')
  else if (old)
    expected.failure = [...(expected.failure ?? []), messageTest(old[1] === 'message' ? 'msg' : 'regex', old[2])]
  else if (expectation) readExpectation(expected, expectation)
  else if (isNumber(line)) expected.scalar = readSeries(`{} ${line}`).points[0] as number
  else expected.series.push(readSeries(line))
}

function readExpectation(expected: Expected, [, kind, by, message]: RegExpExecArray): void {
  const test = messageTest(by, message)
  if (kind === 'ordered') expected.ordered = true
  if (kind === 'fail') expected.failure = [...(expected.failure ?? []), test]
  if (kind === 'warn') expected.warnings = [...(expected.warnings ?? []), test]
  if (kind === 'info') expected.infos = [...(expected.infos ?? []), test]
  if (kind === 'no_warn') expected.noWarnings = true
  if (kind === 'no_info') expected.noInfos = true
}

function messageTest(by: string | undefined, message: string | undefined): MessageTest {
  if (by === undefined || message === undefined) return () => true
  if (by === 'msg') return (found) => found === message.trim()
  const pattern = new RegExp(message.trim())
  return (found) => pattern.test(found)
}

function isNumber(text: string): boolean {
  return /^[+-]?(?:inf|nan|[\d.]+(?:e[+-]?\d+)?)$/i.test(text)
}

function timeOf(text = '0'): number {
  if (text.startsWith('-')) return -timeOf(text.slice(1))
  const milliseconds = durationMs(text) ?? Number(text) * 1000
  if (Number.isNaN(milliseconds)) throw new Error(`no time: ${text}`)
  return milliseconds
}
