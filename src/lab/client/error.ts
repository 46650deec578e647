/** The API server refused, in its own words. */
export class ApiError extends Error {
  /** The HTTP status, as in 404. */
  readonly status: number
  /** The machine-readable reason, as in `NotFound`, `AlreadyExists`, `Conflict`, `Expired`; empty when none was given. */
  readonly reason: string

  constructor(status: number, reason: string, message: string) {
    super(message)
    this.name = 'ApiError'
    this.status = status
    this.reason = reason
  }
}

/** The object is not there. */
export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404
}

/** The object was written by another since it was read. */
export function isConflict(error: unknown): boolean {
  return error instanceof ApiError && error.status === 409 && error.reason !== 'AlreadyExists'
}

/** An object of that name is there already. */
export function isAlreadyExists(error: unknown): boolean {
  return error instanceof ApiError && error.status === 409 && error.reason === 'AlreadyExists'
}

/** The resourceVersion to watch from is older than what the server remembers. */
export function isExpired(error: unknown): boolean {
  return error instanceof ApiError && error.status === 410
}

/** The error in the answer of a server: a `Status` object, or whatever else stood between. */
export function apiErrorOf(status: number, body: string): ApiError {
  const answer = parsedStatus(body)
  return new ApiError(answer.code ?? status, answer.reason ?? '', answer.message ?? `HTTP ${status}: ${body}`)
}

interface StatusAnswer {
  code?: number
  reason?: string
  message?: string
}

function parsedStatus(body: string): StatusAnswer {
  try {
    const answer: unknown = JSON.parse(body)
    return typeof answer === 'object' && answer !== null ? answer : {}
  } catch {
    return {}
  }
}
