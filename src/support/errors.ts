/**
 * What a run, or one hypothesis of it, comes to. The order of severity is in `src/journal/verdict.ts`.
 */
export type Verdict =
  | 'held'
  | 'deviated'
  | 'usage'
  | 'unsteady'
  | 'inconclusive'
  | 'failed'
  | 'not-restored'
  | 'interrupted'

/** A stable identifier of an error, for scripts and for searching the documentation. */
export type ErrorCode = `CHAOS_${string}`

export interface ChaosErrorOptions extends ErrorOptions {
  /** What a hypothesis comes to that ends with this error. */
  verdict?: Verdict
}

/**
 * An error with something to say to a person: what was tried, what was found and what to do, in one paragraph.
 *
 * It is recognised by its `code` and not by its class, because a spec and the framework may each hold their own copy of
 * the class.
 *
 * @example
 * throw new ChaosError('CHAOS_NO_SUCH_DEPLOYMENT',
 *   'setImage: there is no deployment "servce2" in namespace "default". It has: service1, service2.')
 */
export class ChaosError extends Error {
  readonly code: ErrorCode
  readonly verdict: Verdict

  constructor(code: ErrorCode, message: string, options: ChaosErrorOptions = {}) {
    super(message, options)
    this.name = 'ChaosError'
    this.code = code
    this.verdict = options.verdict ?? 'failed'
  }
}

/** The command line, the config or a spec is wrong: nothing was done. */
export function usageError(code: ErrorCode, message: string, options: ErrorOptions = {}): ChaosError {
  return new ChaosError(code, message, { ...options, verdict: 'usage' })
}

/** There were no data, or too few, to say whether the hypothesis held. */
export function inconclusive(code: ErrorCode, message: string, options: ErrorOptions = {}): ChaosError {
  return new ChaosError(code, message, { ...options, verdict: 'inconclusive' })
}

/** Whether an error says nothing about the system: there were too few data. */
export function isInconclusive(error: unknown): boolean {
  return isChaosError(error) && error.verdict === 'inconclusive'
}

/** The system did not behave as the hypothesis said: what a failed assertion means, where no matcher is at hand. */
export function deviation(code: ErrorCode, message: string, options: ErrorOptions = {}): ChaosError {
  return new ChaosError(code, message, { ...options, verdict: 'deviated' })
}

const refusals: readonly ErrorCode[] = ['CHAOS_FORBIDDEN', 'CHAOS_UNAUTHORIZED', 'CHAOS_NOT_SERVED']

/** Whether the target refuses what it was asked for: asking again changes nothing, until a person does. */
export function isRefusal(error: unknown): boolean {
  return isChaosError(error) && refusals.includes(error.code)
}

export function isChaosError(error: unknown): error is ChaosError {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('CHAOS_')
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** An error as events and journals show it. */
export interface ErrorView {
  message: string
  code?: string
}

export function errorView(error: unknown): ErrorView {
  return { message: messageOf(error), ...(isChaosError(error) ? { code: error.code } : {}) }
}
