import { ExpositionError, excerpt } from './exposition.ts'
import { type Labels, metricNameLabel } from './labels.ts'

const namePattern = /^[a-zA-Z_:][a-zA-Z0-9_:]*/
const labelPattern =
  /[\s,]*(?:([a-zA-Z_][a-zA-Z0-9_]*)|"((?:[^"\\]|\\.)+)")\s*=\s*"((?:[^"\\]|\\.)*)"|[\s,]*"((?:[^"\\]|\\.)+)"/y
const labelsEndPattern = /[\s,]*\}/y
const unescapedCharacters: Record<string, string> = { n: '\n', '"': '"', '\\': '\\' }

/**
 * The labels of a series, with its name as `__name__`. A name that is not of letters, digits and `_` alone stands in
 * quotes: `{"http.requests", "net.peer"="x"}`.
 *
 * @throws ExpositionError naming the line, when the text is none
 */
export function seriesLabels(series: string, line = 1): Labels {
  const labels: Record<string, string> = {}
  const set = (label: string, value: string) => {
    if (Object.hasOwn(labels, label)) throw new ExpositionError(line, `the label ${label} is there twice`)
    labels[label] = value
  }
  const name = namePattern.exec(series)?.[0]
  if (name !== undefined) set(metricNameLabel, name)
  const brace = series.indexOf('{')
  if (brace >= 0) readLabels(series, brace + 1, line, set)
  if (!labels[metricNameLabel]) {
    throw new ExpositionError(line, `expected the name of a metric, found ${excerpt(series)}`)
  }
  return labels
}

function readLabels(series: string, start: number, line: number, set: (label: string, value: string) => void): void {
  labelPattern.lastIndex = start
  let end = start
  for (let match = labelPattern.exec(series); match; match = labelPattern.exec(series)) {
    const [, bare, quoted, value, name] = match
    if (name === undefined) set(bare ?? unescaped(quoted ?? ''), unescaped(value ?? ''))
    else set(metricNameLabel, unescaped(name))
    end = labelPattern.lastIndex
  }
  labelsEndPattern.lastIndex = end
  if (labelsEndPattern.test(series)) return
  throw new ExpositionError(line, `expected a label, found ${excerpt(series.slice(end))}`)
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, (escaped, character: string) => unescapedCharacters[character] ?? escaped)
}
