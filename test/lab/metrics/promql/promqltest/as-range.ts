import { keyOf } from '../../../../../src/lab/metrics/labels.ts'
import { type Result, rangeQuery } from '../../../../../src/lab/metrics/promql/engine.ts'
import { EvaluationError } from '../../../../../src/lab/metrics/promql/errors.ts'
import type { SeriesSource } from '../../../../../src/lab/metrics/promql/source.ts'
import { isSame } from './compare.ts'

const stepMs = 60_000

/** Functions of the bounds of the query: of a range they are others. */
const ofBounds = /\b(?:start|end|range|step)\(\)/

/**
 * What a query gives in the middle of a range when that is not what it gives at that time alone; undefined when it is
 * the same. Whatever a script says of one time is so a test of ranges, too.
 */
export function differenceAsRange(
  query: string,
  source: SeriesSource,
  atMs: number,
  alone: Result,
): string | undefined {
  if ((alone.type !== 'vector' && alone.type !== 'scalar') || ofBounds.test(query)) return undefined
  const expected = valuesOf(alone, atMs)
  const found = asRange(query, source, atMs)
  if (!found) return undefined
  const different = [...expected].find(([key, value]) => !isSame(value, found.get(key) ?? Number.NaN))
  if (different) return `as a step of a range it gives ${found.get(different[0])} instead of ${different[1]}`
  return found.size === expected.size ? undefined : `as a step of a range it gives ${found.size} series`
}

/** Undefined when another step of the range fails. */
function asRange(query: string, source: SeriesSource, atMs: number): Map<string, number> | undefined {
  try {
    const range = { startMs: atMs - stepMs, endMs: atMs + stepMs, stepMs }
    return valuesOf(rangeQuery(query, source, range).result, atMs)
  } catch (error) {
    if (error instanceof EvaluationError) return undefined
    throw error
  }
}

function valuesOf(result: Result, atMs: number): Map<string, number> {
  if (result.type === 'scalar') return new Map([[keyOf({}), result.value]])
  if (result.type === 'vector') return new Map(result.elements.map(({ labels, value }) => [keyOf(labels), value]))
  if (result.type === 'string') return new Map()
  return new Map(
    result.elements.flatMap(({ labels, times, values }) => {
      const index = times.indexOf(atMs)
      return index < 0 ? [] : [[keyOf(labels), values[index] ?? Number.NaN] as const]
    }),
  )
}
