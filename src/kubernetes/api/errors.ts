import { ChaosError, isChaosError, messageOf } from '../../support/errors.ts'
import type { TargetReference } from '../../undo/types.ts'
import { resourceName } from './api-resources.ts'
import type { Permission } from './permissions.ts'

/** A request to the API, by the permission that it needs. */
export type ApiRequest = Permission

/** An answer of the API that is no success. */
export class ApiFailure extends Error {
  readonly status: number
  /** What it answered: a `Status` object, or whatever stands in the way of the API. */
  readonly body: string

  /** The seconds after which it wants to be asked again. */
  readonly retryAfter: string | undefined

  constructor(status: number, body: string, retryAfter?: string) {
    super(`HTTP status ${status}`)
    this.status = status
    this.body = body
    this.retryAfter = retryAfter
  }
}

/**
 * What went wrong with a request, for a person:
 * - `CHAOS_UNREACHABLE`: it could not be sent, or was not answered;
 * - `CHAOS_UNAUTHORIZED`, `CHAOS_FORBIDDEN`: who asked is unknown, or may not;
 * - `CHAOS_NOT_FOUND`: the API itself says that there is no such object;
 * - `CHAOS_NOT_SERVED`: the API has no objects of that kind at all;
 * - `CHAOS_CONFLICT`: someone else wrote at the same time;
 * - `CHAOS_INVALID`: the API does not accept what it was asked for;
 * - `CHAOS_API_OVERLOADED`: it asked to be asked later, and did nothing;
 * - `CHAOS_API_ERROR`: any other answer.
 */
export function explain(error: unknown, request: ApiRequest, target: TargetReference): ChaosError {
  if (isChaosError(error)) return error
  const tried = describe(request, target)
  if (!(error instanceof ApiFailure)) {
    return new ChaosError(
      'CHAOS_UNREACHABLE',
      `Could not ${tried}: the API server was not reached or did not answer (${reasonOf(error)}). Check that the cluster is up, and that the address and the credentials of context "${target.context}" are right.`,
      { cause: error },
    )
  }

  const { message, reason } = statusOf(error.body)
  const said = message ?? `HTTP status ${error.status}`
  const options = { cause: error }
  switch (error.status) {
    case 401:
      return new ChaosError(
        'CHAOS_UNAUTHORIZED',
        `Could not ${tried}: the API server does not know who asks (${said}). Renew the credentials of context "${target.context}".`,
        options,
      )
    case 403:
      return forbidden(request, target, said, options)
    case 404:
      if (isNotServed(error.body, message)) return notServed(request, target, options)
      if (reason !== 'NotFound') break
      return new ChaosError('CHAOS_NOT_FOUND', `Could not ${tried}: ${said}.`, options)
    case 409:
      return new ChaosError(
        'CHAOS_CONFLICT',
        `Could not ${tried}: someone else keeps writing to it at the same time (${said}). Try again when it is left alone.`,
        options,
      )
    case 400:
    case 422:
      return new ChaosError('CHAOS_INVALID', `Could not ${tried}: the API server does not accept it: ${said}.`, options)
    case 429:
      return new ChaosError(
        'CHAOS_API_OVERLOADED',
        `Could not ${tried}: the API server is overloaded (${said}). Try again later.`,
        options,
      )
  }
  return new ChaosError(
    'CHAOS_API_ERROR',
    `Could not ${tried}: the API server answered with HTTP status ${error.status}: ${said}. Its logs may say why.`,
    options,
  )
}

/** A right is missing: that to make this request. */
export function forbidden(
  request: ApiRequest,
  target: TargetReference,
  said: string,
  options: ErrorOptions = {},
): ChaosError {
  const { verb, resource, subresource } = request
  const what = subresource === undefined ? resource : `${resource}/${subresource}`
  return new ChaosError(
    'CHAOS_FORBIDDEN',
    `Not allowed to ${describe(request, target)}: ${said}. The user of context "${target.context}" needs the verb "${verb}" on "${what}"${placeOf(request)}.`,
    options,
  )
}

function notServed(request: ApiRequest, target: TargetReference, options: ErrorOptions): ChaosError {
  const { resource, subresource, group } = request
  const part = subresource === undefined ? resource : `${resource}/${subresource}`
  const kind = resourceName({ plural: part, group })
  const { found, advice } =
    target.kind === 'lab'
      ? {
          found: `the lab "${target.name}" has no ${kind}`,
          advice: 'What it has is in docs/lab.md; on a cluster this works.',
        }
      : {
          found: `the cluster "${target.name}" does not serve ${kind}`,
          advice: 'Its version may be too old for it, or what defines it is not installed.',
        }
  return new ChaosError('CHAOS_NOT_SERVED', `Could not ${describe(request, target)}: ${found}. ${advice}`, options)
}

/** A path that the API does not have is told in other words than an object that is not there. */
function isNotServed(body: string, message: string | undefined): boolean {
  return message?.startsWith('the server could not find the requested resource') || body.trim() === '404 page not found'
}

/** Whether the same question may be answered a little later. */
export function isTransient(error: unknown): error is ChaosError {
  return hasCode(error, 'CHAOS_UNREACHABLE', 'CHAOS_API_OVERLOADED', 'CHAOS_API_ERROR')
}

/**
 * Whether the same request may be answered a little later, and does no harm when it was carried out already: what only
 * reads, and what the API surely did not do.
 */
export function isWorthAnother(error: unknown, { verb, subresource }: ApiRequest): boolean {
  // A disruption budget that blocks says so by a 429, and may do so for long: it is for the caller.
  if (subresource === 'eviction') return false
  if (verb === 'get' || verb === 'list') return isTransient(error) && !isAnswerForGood(error.cause)
  // What writes over a version that it has read must read again first.
  return hasCode(error, 'CHAOS_API_OVERLOADED') || (verb === 'patch' && hasCode(error, 'CHAOS_CONFLICT'))
}

/** An answer that will be the same later: it is about what was asked. */
function isAnswerForGood(failure: unknown): boolean {
  return failure instanceof ApiFailure && failure.status < 500 && failure.status !== 429
}

const longestWaitMs = 5000

/** How long the API wants to be left alone: milliseconds, and not for ever. */
export function waitAskedFor(failure: unknown): number {
  const seconds = failure instanceof ApiFailure ? Number(failure.retryAfter) : 0
  return seconds > 0 ? Math.min(seconds * 1000, longestWaitMs) : 0
}

export function hasCode(error: unknown, ...codes: ChaosError['code'][]): error is ChaosError {
  return isChaosError(error) && codes.includes(error.code)
}

function describe(request: ApiRequest, target: TargetReference): string {
  const part = request.subresource === undefined ? '' : `/${request.subresource}`
  const object = request.name === undefined ? request.resource : `${request.resource}/${request.name}${part}`
  const cluster = target.kind === 'lab' ? `the lab "${target.name}"` : `the cluster "${target.name}"`
  return `${request.verb} ${object}${placeOf(request)} of ${cluster}`
}

function placeOf({ namespace }: ApiRequest): string {
  return namespace === undefined ? '' : ` in namespace "${namespace}"`
}

interface Status {
  message?: string
  reason?: string
}

/** The API's own account of a failure (a `Status` object), where the body is one. */
function statusOf(body: string): Status {
  const status = parse(body)
  if (typeof status !== 'object' || status === null) return {}
  const { message, reason } = status as Record<string, unknown>
  return {
    ...(typeof message === 'string' && message !== '' ? { message } : {}),
    ...(typeof reason === 'string' ? { reason } : {}),
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** `fetch failed` says nothing: its cause does, or the code of that. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  if (messageOf(cause) !== '') return messageOf(cause)
  return cause instanceof Error && 'code' in cause ? String(cause.code) : 'no reason given'
}
