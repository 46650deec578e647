import { type Labels, metricNameLabel } from './labels.ts'

/** A line of an exposition: which series, as its text says (`name{label="value"}`), and its value. */
export interface ExposedSample {
  series: string
  value: number
}

/** What a target exposed is not the text format of Prometheus. */
export class ExpositionError extends Error {
  constructor(line: number, message: string) {
    super(`line ${line}: ${message}`)
    this.name = 'ExpositionError'
  }
}

const metricNamePattern = /^[a-zA-Z_:][a-zA-Z0-9_:]*/
const labelPattern = /[\s,]*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:[^"\\]|\\.)*)"/y
const labelsEndPattern = /[\s,]*\}/y
const decimalPattern = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/
const unescapedCharacters: Record<string, string> = { n: '\n', '"': '"', '\\': '\\' }

/**
 * The samples of an exposition in the text format of Prometheus, version 0.0.4. Comments, types and timestamps are
 * ignored: a sample is of the time of its scrape. A fault in one line is a fault of the whole, as it is for Prometheus.
 *
 * The text of a series is cheap to compare between scrapes; `seriesLabels` reads it.
 *
 * @throws ExpositionError
 */
export function exposedSamples(text: string): ExposedSample[] {
  const samples: ExposedSample[] = []
  for (const [index, line] of text.split('\n').entries()) {
    const content = line.trim()
    if (content === '' || content.startsWith('#')) continue
    samples.push(sampleOf(content, index + 1))
  }
  return samples
}

function sampleOf(line: string, number: number): ExposedSample {
  const name = metricNamePattern.exec(line)?.[0]
  if (!name) throw new ExpositionError(number, `expected the name of a metric, found ${excerpt(line)}`)
  const end = endOfSeries(line, name.length)
  const [value = '', timestamp, ...more] = line.slice(end).trim().split(/\s+/)
  if (more.length > 0 || (timestamp !== undefined && !/^-?\d+$/.test(timestamp))) {
    throw new ExpositionError(number, `expected a value and at most a timestamp, found ${excerpt(line.slice(end))}`)
  }
  const parsed = floatOf(value)
  if (parsed === undefined) throw new ExpositionError(number, `expected a value, found ${excerpt(line.slice(end))}`)
  return { series: line.slice(0, end), value: parsed }
}

/** Where the name and the labels of a series end; a `}` within the quotes of a value ends nothing. */
function endOfSeries(line: string, endOfName: number): number {
  const brace = endOfName + (/^\s*/.exec(line.slice(endOfName))?.[0].length ?? 0)
  if (line[brace] !== '{') return endOfName
  let quoted = false
  for (let i = brace; i < line.length; i++) {
    if (line[i] === '\\') i++
    else if (line[i] === '"') quoted = !quoted
    else if (line[i] === '}' && !quoted) return i + 1
  }
  return line.length
}

/** As Go reads a float, in the forms that exporters write. */
function floatOf(text: string): number | undefined {
  if (decimalPattern.test(text)) return Number(text)
  switch (text.toLowerCase()) {
    case 'nan':
      return Number.NaN
    case 'inf':
    case '+inf':
      return Number.POSITIVE_INFINITY
    case '-inf':
      return Number.NEGATIVE_INFINITY
    default:
      return undefined
  }
}

/**
 * The labels of a series, with its name as `__name__`.
 *
 * @throws ExpositionError naming the line, when the text is none
 */
export function seriesLabels(series: string, line = 1): Labels {
  const name = metricNamePattern.exec(series)?.[0] ?? ''
  const labels: Record<string, string> = { [metricNameLabel]: name }
  const brace = series.indexOf('{', name.length)
  if (brace < 0) return labels
  labelPattern.lastIndex = brace + 1
  let end = brace + 1
  for (let match = labelPattern.exec(series); match; match = labelPattern.exec(series)) {
    const [, label = '', value = ''] = match
    if (Object.hasOwn(labels, label)) throw new ExpositionError(line, `the label ${label} is there twice`)
    labels[label] = value.replace(/\\(.)/g, (escaped, character) => unescapedCharacters[character] ?? escaped)
    end = labelPattern.lastIndex
  }
  labelsEndPattern.lastIndex = end
  if (!labelsEndPattern.test(series))
    throw new ExpositionError(line, `expected a label, found ${excerpt(series.slice(end))}`)
  return labels
}

function excerpt(text: string): string {
  const found = text.trim()
  return found === '' ? 'the end of the line' : JSON.stringify(found.slice(0, 40))
}
