import { identify, type Labels, metricNameLabel } from '../../../../../src/lab/metrics/labels.ts'
import { numberOf } from '../../../../../src/lab/metrics/promql/durations.ts'
import { unquote } from '../../../../../src/lab/metrics/promql/strings.ts'

/** A point of a series: a value, a stale marker, nothing, or what this project does not store. */
export type Point = number | 'stale' | 'none' | 'native histogram'

export interface NotedSeries {
  labels: Labels
  points: Point[]
  /** Whether it tells when the counting of samples began, which is an experiment of Prometheus. */
  startTimes: boolean
}

const namePattern = /^[a-zA-Z_:][\w:]*/
const labelPattern =
  /\s*(?:([a-zA-Z_][\w.:]*)|("(?:[^"\\]|\\.)*"))\s*(?:=\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`))?\s*,?/y
const number = String.raw`[+-]?(?:inf|nan|0x[\da-f]+(?!\d*$)|[\d.]+(?:e[+-]?\d+)?)`
const runPattern = new RegExp(`^(${number})(?:([+-]${number.replace('[+-]?', '')}))?(?:x(\\d+))?$`, 'i')

/** Reads `name{label="value"} 0+1x3 _ stale`. @throws Error when it is none */
export function readSeries(line: string): NotedSeries {
  const name = namePattern.exec(line)?.[0] ?? ''
  const end = line[name.length] === '{' ? endOfLabels(line, name.length) : name.length
  const labels = readLabels(line.slice(name.length, end), name)
  return { labels: identify(labels).labels, ...readPoints(line.slice(end)) }
}

function endOfLabels(line: string, start: number): number {
  let quote = ''
  for (let i = start; i < line.length; i++) {
    const character = line[i] ?? ''
    if (quote && character === '\\') i++
    else if (quote) quote = character === quote ? '' : quote
    else if (`"'\``.includes(character)) quote = character
    else if (character === '}') return i + 1
  }
  throw new Error(`no end of the labels: ${line}`)
}

function readLabels(text: string, name: string): Labels {
  const labels: Record<string, string> = name === '' ? {} : { [metricNameLabel]: name }
  const content = text.slice(1, -1)
  labelPattern.lastIndex = 0
  while (labelPattern.lastIndex < content.trimEnd().length) {
    const match = labelPattern.exec(content)
    if (!match) throw new Error(`no labels: ${text}`)
    const [, bare, quoted, value] = match
    const label = bare ?? unquote(quoted ?? '""')
    if (value === undefined) labels[metricNameLabel] = label
    else labels[label] = unquote(value)
  }
  return labels
}

function readPoints(text: string): { points: Point[]; startTimes: boolean } {
  if (text.startsWith('@')) return { points: [], startTimes: true }
  const words = text.match(/\{\{.*?\}\}(?:[+-]\{\{.*?\}\})?(?:x\d+)?|\S+/g) ?? []
  return { points: words.flatMap(pointsOf), startTimes: false }
}

function pointsOf(word: string): Point[] {
  if (word.startsWith('{{')) return repeated('native histogram', 1 + Number(/x(\d+)$/.exec(word)?.[1] ?? 0))
  if (word === 'stale') return ['stale']
  const gap = /^_(?:x(\d+))?$/.exec(word)
  if (gap) return repeated('none', Number(gap[1] ?? 1))
  const run = runPattern.exec(word)
  if (!run) throw new Error(`no point of a series: ${word}`)
  const [, first = '', step, times] = run
  return Array.from({ length: 1 + Number(times ?? 0) }, (_, i) => numberOf(first) + i * Number(step ?? 0))
}

function repeated(point: Point, times: number): Point[] {
  return Array.from({ length: times }, () => point)
}
