import { expect } from 'vitest'
import type { ChaosMatchers } from '../matchers/index.ts'

declare module 'vitest' {
  // biome-ignore lint/correctness/noUnusedVariables: the declaration must have Vitest's own parameters
  interface Matchers<R, T> extends ChaosMatchers<R> {}
}

export { expect }
