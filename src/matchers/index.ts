import type {} from 'expect'
import { type EitherSideMatchers, eitherSideMatchers } from './either-side.ts'
import { type PrometheusMatchers, prometheusMatchers } from './prometheus.ts'
import { type TrafficMatchers, trafficMatchers } from './traffic.ts'

/**
 * All matchers, as pure functions in the shape that Vitest and Jest's `expect` share. In a spec they are there already;
 * elsewhere:
 *
 * @example
 * import { expect } from 'expect'
 * import { matchers } from 'chaos-test/matchers'
 *
 * expect.extend(matchers)
 */
export const matchers = { ...trafficMatchers, ...prometheusMatchers, ...eitherSideMatchers }

/** What `expect(value)` can say with them: `R` is what an assertion returns. */
export interface ChaosMatchers<R = unknown> extends TrafficMatchers<R>, PrometheusMatchers<R>, EitherSideMatchers<R> {}

// Jest's `expect`, by itself and within Jest.
declare module 'expect' {
  interface Matchers<R extends void | Promise<void>, T = unknown> extends ChaosMatchers<R> {}
}

export type { BurnRateMatchers } from './burn-rate.ts'
export type { EitherSideMatchers } from './either-side.ts'
export type { PrometheusMatchers } from './prometheus.ts'
export type { ServedMatchers } from './served.ts'
export type { TrafficMatchers } from './traffic.ts'
export type {
  BurnRateOptions,
  ErrorRateOptions,
  LatencyOptions,
  MatcherContext,
  MatcherResult,
  ServedOptions,
} from './types.ts'
