import { type EitherSideMatchers, eitherSideMatchers } from './either-side.ts'
import { type PrometheusMatchers, prometheusMatchers } from './prometheus.ts'
import { type TrafficMatchers, trafficMatchers } from './traffic.ts'

/** All matchers, as pure functions in the shape that Vitest and Jest's `expect` share. */
export const matchers = { ...trafficMatchers, ...prometheusMatchers, ...eitherSideMatchers }

/** What `expect(value)` can say with them: `R` is what an assertion returns. */
export interface ChaosMatchers<R = unknown> extends TrafficMatchers<R>, PrometheusMatchers<R>, EitherSideMatchers<R> {}

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
