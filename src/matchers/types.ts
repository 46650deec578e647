/** What Vitest and Jest's `expect` give a matcher as `this`, as far as ours need it. */
export interface MatcherContext {
  /** Whether it was called as `expect(x).not.matcher()`. */
  readonly isNot?: boolean
}

/** What a matcher comes to, in the shape that Vitest and Jest's `expect` share. */
export interface MatcherResult {
  /** Whether it matches; `expect(x).not` inverts it. */
  pass: boolean
  /** Read only when the assertion failed. */
  message: () => string
  actual?: unknown
  expected?: unknown
}
