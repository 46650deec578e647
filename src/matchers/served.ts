import { isMeasuredRatio, isMeasurement, type Measurement } from '../prometheus/index.ts'
import { diagnosis, firstErrorOf } from './diagnosis.ts'
import { observationOf } from './evidence.ts'
import { measurementDiagnosis } from './measured.ts'
import { heldWithoutData, numberOf } from './measured-evidence.ts'
import type { MatcherContext, MatcherResult, ServedOptions } from './types.ts'

export interface ServedMatchers<R = unknown> {
  /**
   * At least so many requests were answered well: by the users' count as they expect, by Prometheus' count without those
   * that are errors. It tells a quiet system from a healthy one.
   *
   * @example
   * expect(observed).toHaveServed({ atLeast: 190 })
   * expect(await responses.during(observed).errorRate({ status_code: /^5/ })).toHaveServed({ atLeast: 190 })
   */
  toHaveServed(options: ServedOptions): R
}

export const servedMatchers = { toHaveServed }

function toHaveServed(this: MatcherContext, received: unknown, { atLeast }: ServedOptions): MatcherResult {
  const held = heldWithoutData(this, received)
  if (held) return held
  if (isMeasurement(received)) {
    const served = servedOf(received)
    const finding = findingOf(this, atLeast, `${served} ${served === 1 ? 'was' : 'were'}`)
    return result(served, atLeast, () => measurementDiagnosis(received, finding))
  }
  const observed = observationOf(received, 'toHaveServed')
  const { completed, planned } = observed.counts
  const finding = findingOf(this, atLeast, `${completed} of ${planned} were`)
  return result(completed, atLeast, () => diagnosis(observed, finding, firstErrorOf(observed)))
}

function servedOf(measured: Measurement): number {
  return isMeasuredRatio(measured) ? measured.denominator - measured.numerator : numberOf(measured, 'toHaveServed')
}

function findingOf({ isNot }: MatcherContext, atLeast: number, found: string): string {
  return `expected ${isNot ? 'fewer than' : 'at least'} ${atLeast} requests to be served, and ${found}`
}

function result(served: number, atLeast: number, message: () => string): MatcherResult {
  return { pass: served >= atLeast, message, actual: served, expected: atLeast }
}
