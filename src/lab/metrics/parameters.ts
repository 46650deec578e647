import { QueryError } from './promql/errors.ts'

/** A request is wrong; the answer says so in Prometheus' words. */
export class BadRequest extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'BadRequest'
  }
}

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
  const milliseconds = /^-?[\d.]+(?:e[+-]?\d+)?$/i.test(text) ? Number(text) * 1000 : Date.parse(text)
  if (!Number.isFinite(milliseconds)) {
    throw new BadRequest(`invalid parameter "${name}": cannot parse ${JSON.stringify(text)} to a valid timestamp`)
  }
  return Math.round(milliseconds)
}

/** PromQL as `parse` reads it. @throws BadRequest that says which parameter is wrong, and where */
export function promqlParameter<T>(name: string, text: string, parse: (query: string) => T): T {
  try {
    return parse(text)
  } catch (error) {
    if (error instanceof QueryError) throw new BadRequest(`invalid parameter "${name}": ${error.message}`)
    throw error
  }
}
