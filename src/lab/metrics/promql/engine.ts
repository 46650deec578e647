import type { Labels } from '../labels.ts'
import type { Sample } from '../samples.ts'
import type { Storage } from '../storage.ts'
import type { Expression, MatrixSelector, VectorSelector } from './parser.ts'

export interface VectorElement {
  labels: Labels
  value: number
}

export interface MatrixElement {
  labels: Labels
  samples: Sample[]
}

export type QueryResult =
  | { type: 'vector'; elements: readonly VectorElement[] }
  | { type: 'matrix'; elements: readonly MatrixElement[] }

/** A series has a value for this long after its last sample, unless it said that it ended. */
const lookbackMs = 5 * 60_000

/** What a query means at a time, with the meaning that Prometheus has given to ranges since 3.0: they are left-open. */
export function evaluate(expression: Expression, storage: Storage, at: number): QueryResult {
  return expression.type === 'vector' ? vectorAt(expression, storage, at) : matrixAt(expression, storage, at)
}

function vectorAt({ matchers }: VectorSelector, storage: Storage, at: number): QueryResult {
  const elements = storage.select(matchers).flatMap((series) => {
    const value = series.valueAt(at, at - lookbackMs)
    return value === undefined ? [] : [{ labels: series.labels, value }]
  })
  return { type: 'vector', elements }
}

function matrixAt({ vector, rangeMs }: MatrixSelector, storage: Storage, at: number): QueryResult {
  const elements = storage
    .select(vector.matchers)
    .map((series) => ({ labels: series.labels, samples: series.between(at - rangeMs, at) }))
    .filter(({ samples }) => samples.length > 0)
  return { type: 'matrix', elements }
}
