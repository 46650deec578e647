import { badRequest } from '../status.ts'

/** Which resource a path names, or which part of discovery. */
export interface ResourcePath {
  group: string
  version: string
  plural: string
  /** `''` when the path names none. */
  namespace: string
  /** `''` for a collection. */
  name: string
  /** `''` for the object itself. */
  subresource: string
}

/** The paths below a namespace that belong to the namespace itself. */
const namespaceSubresources = ['status', 'finalize']

/**
 * Reads the path of a resource: `/api/v1/…`, `/apis/<group>/<version>/…`; undefined when it is none.
 * @throws StatusError 400 for a segment that is not encoded rightly
 */
export function parseResourcePath(path: string): ResourcePath | undefined {
  const segments = path
    .split('/')
    .filter((segment) => segment !== '')
    .map(decodeSegment)
  const root = segments.shift()
  const group = root === 'api' ? '' : root === 'apis' ? segments.shift() : undefined
  const version = segments.shift()
  if (group === undefined || version === undefined || segments.length === 0) return undefined
  const inNamespace =
    segments[0] === 'namespaces' && segments.length > 2 && !namespaceSubresources.includes(segments[2] ?? '')
  const namespace = inNamespace ? (segments.splice(0, 2)[1] ?? '') : ''
  const [plural = '', name = '', subresource = '', ...more] = segments
  return { group, version, plural, namespace, name, subresource: [subresource, ...more].join('/') }
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    throw badRequest(`the path segment "${segment}" is not encoded rightly`)
  }
}
