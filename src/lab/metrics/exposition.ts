/** A line of an exposition: which series, as its text says (`name{label="value"}`), and its value. */
export interface ExposedSample {
  readonly series: string
  readonly value: number
  /** When it was, if the target says so: milliseconds since the epoch. */
  readonly at: number | undefined
  /** Where it stands, for messages. */
  readonly line: number
}

/** What a target exposed. */
export interface Exposition {
  readonly samples: ExposedSample[]
  /** The lines of metadata, `# TYPE …`, `# HELP …` and `# UNIT …`. */
  readonly comments: string[]
}

/** The format of an exposition: Prometheus' own text format 0.0.4, or OpenMetrics 1.0. */
export type ExpositionFormat = 'text' | 'openmetrics'

/** What a target exposed is not in its format. */
export class ExpositionError extends Error {
  constructor(line: number, message: string) {
    super(`line ${line}: ${message}`)
    this.name = 'ExpositionError'
  }
}

const namePattern = /^[a-zA-Z_:][a-zA-Z0-9_:]*/
const metadataPattern = /^#[ \t]+(?:TYPE|HELP|UNIT)[ \t]/
const decimalPattern = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/
const [tab, space, quote, backslash, openBrace, closeBrace] = [9, 32, 34, 92, 123, 125]

/**
 * Reads an exposition. A fault in one line is a fault of the whole, as it is for Prometheus. Exemplars are left out.
 *
 * The text of a series is cheap to compare between scrapes; `seriesLabels` reads it.
 *
 * @throws ExpositionError
 */
export function readExposition(text: string, format: ExpositionFormat): Exposition {
  const exposition: Exposition = { samples: [], comments: [] }
  let number = 0
  let ended = false
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf('\n', start)
    const end = newline < 0 ? text.length : newline
    const line = text.slice(start, end).trim()
    start = end + 1
    number++
    if (ended && line !== '') throw new ExpositionError(number, 'expected nothing after # EOF')
    if (line.startsWith('#')) {
      if (metadataPattern.test(line)) exposition.comments.push(line)
      ended = format === 'openmetrics' && line === '# EOF'
    } else if (line !== '') {
      exposition.samples.push(sampleOf(line, number, format))
    }
  }
  // Without its end, an exposition of OpenMetrics may have been cut off.
  if (format === 'openmetrics' && !ended) throw new ExpositionError(number, 'expected # EOF, found the end')
  return exposition
}

function sampleOf(line: string, number: number, format: ExpositionFormat): ExposedSample {
  const end = endOfSeries(line)
  if (end === 0) throw new ExpositionError(number, `expected the name of a metric, found ${excerpt(line)}`)
  const rest = line.slice(end).trim()
  const exemplar = format === 'openmetrics' ? rest.indexOf('#') : -1
  const [value = '', time, ...more] = (exemplar < 0 ? rest : rest.slice(0, exemplar).trim()).split(/[ \t]+/)
  const at = time === undefined ? undefined : timeOf(time, format)
  if (more.length > 0 || Number.isNaN(at)) {
    throw new ExpositionError(number, `expected a value and at most a timestamp, found ${excerpt(rest)}`)
  }
  const parsed = floatOf(value)
  if (parsed === undefined) throw new ExpositionError(number, `expected a value, found ${excerpt(rest)}`)
  return { series: line.slice(0, end), value: parsed, at, line: number }
}

/** Where the name and the labels of a series end; 0 where none begin. A `}` within the quotes of a value ends nothing. */
function endOfSeries(line: string): number {
  const name = line.charCodeAt(0) === openBrace ? 0 : (namePattern.exec(line)?.[0].length ?? -1)
  if (name < 0) return 0
  let brace = name
  while (line.charCodeAt(brace) === space || line.charCodeAt(brace) === tab) brace++
  if (line.charCodeAt(brace) !== openBrace) return name
  let quoted = false
  for (let i = brace; i < line.length; i++) {
    const character = line.charCodeAt(i)
    if (character === backslash) i++
    else if (character === quote) quoted = !quoted
    else if (character === closeBrace && !quoted) return i + 1
  }
  return line.length
}

/** Milliseconds since the epoch; NaN when it is no time. OpenMetrics counts in seconds, the text format in milliseconds. */
function timeOf(text: string, format: ExpositionFormat): number {
  if (format === 'text') return /^-?\d+$/.test(text) ? Number(text) : Number.NaN
  return Math.round((decimalPattern.test(text) ? Number(text) : Number.NaN) * 1000)
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

/** What was found, for a message. */
export function excerpt(text: string): string {
  const found = text.trim()
  return found === '' ? 'the end of the line' : JSON.stringify(found.slice(0, 40))
}
