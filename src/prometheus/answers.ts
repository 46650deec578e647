import * as v from 'valibot'
import type { Labels, Sample, SampledSeries } from './samples.ts'

// The answers of the HTTP API: their shapes, and what they mean here.

export const labelsSchema = v.record(v.string(), v.string())
const sampleSchema = v.tuple([v.number(), v.string()])

export const targetsSchema = v.object({
  activeTargets: v.array(
    v.object({
      labels: labelsSchema,
      scrapeUrl: v.string(),
      health: v.string(),
      lastError: v.optional(v.string(), ''),
      lastScrape: v.optional(v.string(), ''),
    }),
  ),
})

export const buildInfoSchema = v.object({ version: v.string(), application: v.optional(v.string()) })

export const answerSchema = v.variant('status', [
  v.object({ status: v.literal('success'), data: v.unknown(), warnings: v.optional(v.array(v.string())) }),
  v.object({ status: v.literal('error'), errorType: v.string(), error: v.string() }),
])

export const queryResultSchema = v.variant('resultType', [
  v.object({
    resultType: v.literal('matrix'),
    result: v.array(v.object({ metric: labelsSchema, values: v.optional(v.array(sampleSchema), []) })),
  }),
  v.object({
    resultType: v.literal('vector'),
    result: v.array(v.object({ metric: labelsSchema, value: v.optional(sampleSchema) })),
  }),
  v.object({ resultType: v.literal('scalar'), result: sampleSchema }),
  v.object({ resultType: v.literal('string'), result: sampleSchema }),
])

/** A series with its value at one time. */
export interface InstantValue {
  readonly labels: Labels
  readonly value: number
}

/** A target as the server itself tells of it. */
export interface TargetHealth {
  readonly labels: Labels
  readonly scrapeUrl: string
  /** `up`, `down`, or `unknown` before its first scrape. */
  readonly health: string
  /** Why the last scrape failed; empty when it did not. */
  readonly lastError: string
  /** Milliseconds since the epoch; absent when it was never scraped. */
  readonly lastScrapeAt?: number
}

/** Which server it is. Mimir and others name themselves as the application. */
export interface BuildInfo {
  readonly version: string
  readonly application?: string
}

/** What a query came to. */
export type QueryResult =
  | { type: 'matrix'; series: readonly SampledSeries[] }
  | { type: 'vector'; values: readonly InstantValue[] }
  | { type: 'scalar'; value: number }
  | { type: 'string' }

/**
 * What the data of a query say.
 *
 * @param aheadMs how far the server's clock is ahead of this machine's: the times of the samples are those of this one
 */
export function resultOf(result: v.InferOutput<typeof queryResultSchema>, aheadMs: number): QueryResult {
  const sampleOf = ([time, value]: readonly [number, string]): Sample => {
    return { at: Math.round(time * 1000) - aheadMs, value: numberOf(value) }
  }
  switch (result.resultType) {
    case 'matrix':
      return {
        type: 'matrix',
        series: result.result.map(({ metric, values }) => ({ labels: metric, samples: values.map(sampleOf) })),
      }
    case 'vector':
      return {
        type: 'vector',
        values: result.result.map(({ metric, value }) => ({
          labels: metric,
          value: value ? sampleOf(value).value : Number.NaN,
        })),
      }
    case 'scalar':
      return { type: 'scalar', value: sampleOf(result.result).value }
    case 'string':
      return { type: 'string' }
  }
}

function numberOf(text: string): number {
  if (text === '+Inf') return Number.POSITIVE_INFINITY
  return text === '-Inf' ? Number.NEGATIVE_INFINITY : Number(text)
}
