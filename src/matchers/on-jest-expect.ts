/// <reference types="expect" preserve="true" />

/**
 * What `chaos-test/matchers` exports: the matchers of a spec, for Jest's `expect` outside of one.
 *
 * @example
 * import { matchers } from 'chaos-test/matchers'
 * import { expect } from 'expect'
 *
 * expect.extend(matchers)
 * @packageDocumentation
 */

import type { ChaosMatchers } from './index.ts'

declare module 'expect' {
  interface Matchers<R extends void | Promise<void>, T = unknown> extends ChaosMatchers<R> {}
}

export type {
  BurnRateOptions,
  ChaosMatchers,
  ErrorRateOptions,
  LatencyOptions,
  MatcherContext,
  MatcherResult,
  ServedOptions,
} from './index.ts'
export { matchers } from './index.ts'
