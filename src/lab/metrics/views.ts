import type { MatrixElement, Result } from './promql/engine.ts'
import { formatValue } from './values.ts'

/** JSON that is text already. */
export class JsonText {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/**
 * A result of a query as the API writes it: times in seconds, values as text. It is written as text at once: a range
 * query may have hundreds of thousands of values, and the same times for each of its series.
 */
export function resultText(result: Result, atMs: number): JsonText {
  switch (result.type) {
    case 'scalar':
      return dataText('scalar', `[${atMs / 1000},"${formatValue(result.value)}"]`)
    case 'string':
      return dataText('string', `[${atMs / 1000},${JSON.stringify(result.text)}]`)
    case 'vector': {
      const at = atMs / 1000
      const elements = result.elements.map(
        ({ labels, value }) => `{"metric":${JSON.stringify(labels)},"value":[${at},"${formatValue(value)}"]}`,
      )
      return dataText('vector', `[${elements.join()}]`)
    }
    case 'matrix':
      return dataText('matrix', matrixText(result.elements))
  }
}

function matrixText(elements: readonly MatrixElement[]): string {
  const seconds = new Map<number, string>()
  const textOf = (at: number): string => {
    const known = seconds.get(at)
    if (known !== undefined) return known
    const text = String(at / 1000)
    seconds.set(at, text)
    return text
  }
  const texts = elements.map(({ labels, times, values }) => {
    let points = ''
    for (let i = 0; i < times.length; i++) {
      points += `${i === 0 ? '' : ','}[${textOf(times[i] ?? 0)},"${formatValue(values[i] ?? Number.NaN)}"]`
    }
    return `{"metric":${JSON.stringify(labels)},"values":[${points}]}`
  })
  return `[${texts.join()}]`
}

function dataText(resultType: string, result: string): JsonText {
  return new JsonText(`{"resultType":"${resultType}","result":${result}}`)
}
