import { isDeepStrictEqual } from 'node:util'
import type { PatchOperation } from '../api/resources.ts'

/** One field of an object, before and after a change. Absent values: the field is not there. */
export interface FieldChange {
  /** A JSON pointer (RFC 6901): `/spec/replicas`. */
  path: string
  before?: unknown
  after?: unknown
}

/** What a person or a controller may set; the rest is the API server's own account. */
const settable = (path: string) =>
  !/^\/(status|apiVersion|kind|metadata(?!\/(labels|annotations)(\/|$)))(\/|$)/.test(path)

/** The fields in which two versions of an object differ, each as far down as both have it. Lists are compared whole. */
export function changesBetween(before: unknown, after: unknown): FieldChange[] {
  return differences('', before, after).filter(({ path }) => settable(path))
}

function differences(path: string, before: unknown, after: unknown): FieldChange[] {
  if (isDeepStrictEqual(before, after)) return []
  // These maps have many authors: what others put into them meanwhile is theirs.
  if (/^\/metadata\/(labels|annotations)$/.test(path)) return differencesOfKeys(path, before ?? {}, after ?? {})
  if (!isRecord(before) || !isRecord(after)) return [change(path, before, after)]
  return differencesOfKeys(path, before, after)
}

function differencesOfKeys(path: string, before: object, after: object): FieldChange[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...keys].flatMap((key) =>
    differences(
      `${path}/${pointerKey(key)}`,
      valueAt(before, `/${pointerKey(key)}`),
      valueAt(after, `/${pointerKey(key)}`),
    ),
  )
}

function change(path: string, before: unknown, after: unknown): FieldChange {
  return { path, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }
}

/** A patch of an object that makes the changes, provided that the fields are still as they were read. */
export function patchFor(read: unknown, changes: readonly FieldChange[]): PatchOperation[] {
  const unchanged = changes
    .filter(({ before }) => before !== undefined)
    .map(({ path, before }): PatchOperation => ({ op: 'test', path, value: before }))
  return [
    ...unchanged,
    ...restoring(
      read,
      changes.map(({ path, after }) => ({ path, value: after })),
    ),
  ]
}

/** A field as it was: absent when it was not there. */
export interface FieldValue {
  path: string
  value?: unknown
}

/** What a patch must do to an object so that its fields have these values; nothing where they have them. */
export function restoring(object: unknown, fields: readonly FieldValue[]): PatchOperation[] {
  const added = new Set<string>()
  return fields.flatMap(({ path, value }): PatchOperation[] => {
    const present = valueAt(object, path)
    if (isDeepStrictEqual(present, value)) return []
    if (value === undefined) return [{ op: 'remove', path }]
    return [...missingParents(object, path, added), { op: 'add', path, value }]
  })
}

export function valueAt(object: unknown, path: string): unknown {
  return segmentsOf(path).reduce<unknown>((value, key) => (isRecord(value) ? value[key] : undefined), object)
}

/** A map that was deleted since must be there before something can be put into it. */
function missingParents(object: unknown, path: string, added: Set<string>): PatchOperation[] {
  const parents = segmentsOf(path).slice(0, -1)
  const paths = parents.map(
    (_, index) =>
      `/${parents
        .slice(0, index + 1)
        .map(pointerKey)
        .join('/')}`,
  )
  const missing = paths.filter((parent) => valueAt(object, parent) === undefined && !added.has(parent))
  for (const parent of missing) added.add(parent)
  return missing.map((parent) => ({ op: 'add', path: parent, value: {} }))
}

function segmentsOf(path: string): string[] {
  return path
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** A key as a step of a JSON pointer. */
export function pointerKey(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1')
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
