import type { Result } from './promql/engine.ts'
import type { Sample } from './samples.ts'
import { formatValue } from './values.ts'

/** A result of a query as the API writes it: times in seconds, values as text. */
export function resultView(result: Result, atMs: number): unknown {
  switch (result.type) {
    case 'scalar':
      return { resultType: 'scalar', result: sampleView({ at: atMs, value: result.value }) }
    case 'string':
      return { resultType: 'string', result: [atMs / 1000, result.text] }
    case 'vector':
      return {
        resultType: 'vector',
        result: result.elements.map(({ labels, value }) => ({
          metric: labels,
          value: sampleView({ at: atMs, value }),
        })),
      }
    case 'matrix':
      return {
        resultType: 'matrix',
        result: result.elements.map(({ labels, samples }) => ({ metric: labels, values: samples.map(sampleView) })),
      }
  }
}

function sampleView({ at, value }: Sample): [number, string] {
  return [at / 1000, formatValue(value)]
}
