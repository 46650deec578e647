import { expect } from 'vitest'
import type { ChaosMatchers } from '../matchers/index.ts'

declare module 'vitest' {
  interface Matchers<R, T> extends ChaosMatchers<R> {}
}

export { expect }
