import type { Status, StatusCause, StatusDetails } from 'kubernetes-types/meta/v1.d.ts'

/** How a resource is called in messages. */
export interface ResourceName {
  group: string
  plural: string
  kind: string
}

/** A refusal, in the form in which Kubernetes answers it. */
export class StatusError extends Error {
  readonly code: number
  readonly reason: string
  readonly details: StatusDetails | undefined
  readonly headers: Readonly<Record<string, string>>

  constructor(
    code: number,
    reason: string,
    message: string,
    details?: StatusDetails,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message)
    this.name = 'StatusError'
    this.code = code
    this.reason = reason
    this.details = details
    this.headers = headers
  }

  toStatus(): Status {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: this.message,
      reason: this.reason,
      ...(this.details ? { details: this.details } : {}),
      code: this.code,
    }
  }
}

/** `deployments.apps`, `pods`: a resource with its group. */
export function qualifiedName({ group, plural }: ResourceName): string {
  return group ? `${plural}.${group}` : plural
}

function detailsOf({ group, plural }: ResourceName, name: string): StatusDetails {
  return { name, ...(group ? { group } : {}), kind: plural }
}

export function badRequest(message: string): StatusError {
  return new StatusError(400, 'BadRequest', message)
}

export function notFound(resource: ResourceName, name: string): StatusError {
  return new StatusError(404, 'NotFound', `${qualifiedName(resource)} "${name}" not found`, detailsOf(resource, name))
}

/** What the lab does not have at all; the message names it. */
export function notServed(what: string): StatusError {
  return new StatusError(
    404,
    'NotFound',
    `the server could not find the requested resource: the lab does not serve ${what}`,
    {},
  )
}

export function alreadyExists(resource: ResourceName, name: string): StatusError {
  return new StatusError(
    409,
    'AlreadyExists',
    `${qualifiedName(resource)} "${name}" already exists`,
    detailsOf(resource, name),
  )
}

export function conflict(resource: ResourceName, name: string, why: string): StatusError {
  return new StatusError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${qualifiedName(resource)} "${name}": ${why}`,
    detailsOf(resource, name),
  )
}

export function forbidden(resource: ResourceName, name: string, why: string, causes: StatusCause[] = []): StatusError {
  return new StatusError(403, 'Forbidden', `${qualifiedName(resource)} "${name}" is forbidden: ${why}`, {
    ...detailsOf(resource, name),
    ...(causes.length ? { causes } : {}),
  })
}

/** @param causes at least one, each with the message that is shown for its field */
export function invalid(
  { group, kind }: Pick<ResourceName, 'group' | 'kind'>,
  name: string,
  causes: StatusCause[],
): StatusError {
  const lines = causes.map(({ field, message }) => `${field}: ${message}`)
  const what = lines.length === 1 ? lines[0] : `[${lines.join(', ')}]`
  return new StatusError(422, 'Invalid', `${group ? `${kind}.${group}` : kind} "${name}" is invalid: ${what}`, {
    ...(name ? { name } : {}),
    ...(group ? { group } : {}),
    kind,
    causes,
  })
}

export function unprocessable(message: string): StatusError {
  return new StatusError(422, 'Invalid', message, {})
}

export function methodNotAllowed(): StatusError {
  return new StatusError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {})
}

export function tooManyRequests(message: string, details: StatusDetails = {}): StatusError {
  return new StatusError(429, 'TooManyRequests', message, details)
}

export function unsupportedMediaType(accepted: readonly string[]): StatusError {
  return new StatusError(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
  )
}

export function expired(wanted: number, oldest: number): StatusError {
  return new StatusError(410, 'Expired', `too old resource version: ${wanted} (${oldest})`)
}

export function internalError(error: unknown): StatusError {
  const message = error instanceof Error ? error.message : String(error)
  return new StatusError(500, 'InternalError', `Internal error occurred: ${message}`)
}
