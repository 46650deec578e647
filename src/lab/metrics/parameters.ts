import { durationMs } from './promql/durations.ts'
import { EvaluationError, QueryError } from './promql/errors.ts'
import type { QueryRange } from './promql/grid.ts'

/** A request is wrong; the answer says so in Prometheus' words. */
export class BadRequest extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'BadRequest'
  }
}

/** How many values a range query may give for each series. */
const mostSteps = 11_000

/** A parameter that must be there. @throws BadRequest */
export function requiredParameter(parameters: URLSearchParams, name: string): string {
  const value = parameters.get(name)
  if (!value) throw new BadRequest(`invalid parameter "${name}": it is missing`)
  return value
}

/**
 * A time as milliseconds since the epoch: seconds since the epoch, or RFC 3339.
 *
 * @throws BadRequest
 */
export function timeParameter(parameters: URLSearchParams, name: string, absent: number): number {
  const text = parameters.get(name)
  if (!text) return absent
  const milliseconds = isNumber(text) ? Number(text) * 1000 : Date.parse(text)
  if (!Number.isFinite(milliseconds)) {
    throw new BadRequest(`invalid parameter "${name}": cannot parse ${JSON.stringify(text)} to a valid timestamp`)
  }
  return Math.round(milliseconds)
}

/** `start`, `end` and `step` of a range query. @throws BadRequest */
export function rangeParameters(parameters: URLSearchParams): QueryRange {
  for (const name of ['start', 'end', 'step']) requiredParameter(parameters, name)
  const startMs = timeParameter(parameters, 'start', 0)
  const endMs = timeParameter(parameters, 'end', 0)
  const stepMs = stepParameter(requiredParameter(parameters, 'step'))
  if (endMs < startMs) {
    throw new BadRequest('invalid parameter "end": end timestamp must not be before start timestamp')
  }
  if ((endMs - startMs) / stepMs > mostSteps) {
    throw new BadRequest(
      'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)',
    )
  }
  return { startMs, endMs, stepMs }
}

/** How many elements are wanted at most; 0: all. @throws BadRequest */
export function limitParameter(parameters: URLSearchParams): number {
  const text = parameters.get('limit') ?? '0'
  if (!/^\d+$/.test(text)) throw new BadRequest(`invalid parameter "limit": ${JSON.stringify(text)} is not a count`)
  return Number(text)
}

/** A duration, or a number of seconds. */
function stepParameter(text: string): number {
  const milliseconds = isNumber(text) ? Math.round(Number(text) * 1000) : durationMs(text)
  if (milliseconds === undefined) {
    throw new BadRequest(`invalid parameter "step": cannot parse ${JSON.stringify(text)} to a valid duration`)
  }
  if (milliseconds <= 0) {
    throw new BadRequest(
      'invalid parameter "step": zero or negative query resolution step widths are not accepted. Try a positive integer',
    )
  }
  return milliseconds
}

/** What `use` makes of PromQL. @throws BadRequest that says which parameter is wrong, and where */
export function promqlParameter<T>(name: string, use: () => T): T {
  try {
    return use()
  } catch (error) {
    if (error instanceof QueryError && !(error instanceof EvaluationError)) {
      throw new BadRequest(`invalid parameter "${name}": ${error.message}`)
    }
    throw error
  }
}

function isNumber(text: string): boolean {
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text)
}
