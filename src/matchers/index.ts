import { eitherSideMatchers } from './either-side.ts'
import { type PrometheusMatchers, prometheusMatchers } from './prometheus.ts'
import { type TrafficMatchers, trafficMatchers } from './traffic.ts'

/**
 * All matchers, as pure functions in the shape that Vitest and Jest's `expect` share.
 *
 * @example
 * import { expect } from 'expect'
 * expect.extend(matchers)
 */
export const matchers = { ...trafficMatchers, ...prometheusMatchers, ...eitherSideMatchers }

/** What `expect(value)` can say with them: `R` is what an assertion returns. */
export interface ChaosMatchers<R = unknown> extends TrafficMatchers<R>, PrometheusMatchers<R> {}

export type { PrometheusMatchers } from './prometheus.ts'
export type { ErrorRateOptions, LatencyOptions, TrafficMatchers } from './traffic.ts'
export type { MatcherContext, MatcherResult } from './types.ts'
