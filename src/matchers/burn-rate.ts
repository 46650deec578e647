import { isMeasuredRatio } from '../prometheus/index.ts'
import { usageError } from '../support/errors.ts'
import { burnRate, errorBudget } from '../support/slo.ts'
import { diagnosis, firstErrorOf } from './diagnosis.ts'
import { fewestToShow, observationOf, requireAtLeast, requireSameVerdictWithDropped } from './evidence.ts'
import { measurementDiagnosis } from './measured.ts'
import { heldWithoutData, requireCounted } from './measured-evidence.ts'
import type { BurnRateOptions, MatcherContext, MatcherResult } from './types.ts'

export interface BurnRateMatchers<R = unknown> {
  /**
   * The error budget of a service level objective is burnt at less than so many times the rate at which it lasts its
   * period. The error rate that this allows is `limit × (1 - slo)`, and it needs as many requests as that rate does.
   *
   * @example
   * expect(observed).toHaveBurnRateBelow(14.4, { slo: '99.9%' })
   */
  toHaveBurnRateBelow(limit: number, options: BurnRateOptions): R
}

export const burnRateMatchers = { toHaveBurnRateBelow }

function toHaveBurnRateBelow(
  this: MatcherContext,
  received: unknown,
  limit: number,
  options: BurnRateOptions,
): MatcherResult {
  const matcher = 'toHaveBurnRateBelow'
  const held = heldWithoutData(this, received)
  if (held) return held
  const { slo, minRequests } = options
  const allowed = limit * errorBudget(slo)
  if (!(allowed > 0 && allowed <= 1)) {
    throw usageError(
      'CHAOS_BAD_BURN_RATE',
      `${matcher}: a burn rate of ${limit} of the objective ${slo} is an error rate of ${Number((allowed * 100).toPrecision(3))} %, which is none to stay below.`,
    )
  }
  const fewest = minRequests ?? fewestToShow(allowed)
  if (isMeasuredRatio(received)) {
    requireCounted(fewest, received.denominator, received, matcher)
    const { numerator, denominator, value } = received
    const finding = findingOf(this, limit, options, { errors: numerator, requests: denominator })
    return resultOf(value, limit, options, () => measurementDiagnosis(received, finding))
  }
  const observed = observationOf(received, matcher)
  requireAtLeast(fewest, observed.sent, observed, matcher)
  requireSameVerdictWithDropped(observed, allowed, matcher)
  const finding = findingOf(this, limit, options, { errors: observed.errors, requests: observed.sent })
  return resultOf(observed.errorRate, limit, options, () => diagnosis(observed, finding, firstErrorOf(observed)))
}

function resultOf(errorRate: number, limit: number, { slo }: BurnRateOptions, message: () => string): MatcherResult {
  const actual = burnRate(errorRate, slo)
  return { pass: actual < limit, message, actual, expected: limit }
}

function findingOf(
  { isNot }: MatcherContext,
  limit: number,
  { slo }: BurnRateOptions,
  { errors, requests }: { errors: number; requests: number },
): string {
  const rate = Number(burnRate(errors / requests, slo).toPrecision(3))
  const budget = Number((requests * errorBudget(slo)).toPrecision(3))
  return `expected the error budget of ${slo} to burn at ${isNot ? 'at least' : 'less than'} ${limit} times its rate, and it burnt at ${rate} times: ${errors} of ${requests} failed, where the budget is ${budget}`
}
