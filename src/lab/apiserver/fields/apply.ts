import { isDeepStrictEqual } from 'node:util'
import type { ManagedFieldsEntry, StatusCause } from 'kubernetes-types/meta/v1.d.ts'
import { isJsonObject, type Json, type JsonObject } from '../objects.ts'
import { strategicMergePatch } from '../patches/strategic.ts'
import type { Schema } from '../schemas/schema.ts'
import { StatusError } from '../status.ts'
import { byElement, type FieldSet, fieldsOf, partsOf, removeFields, without } from './field-set.ts'
import { fieldsOfEntry, isOf, type Manager, ownedPart, withFields } from './managers.ts'

/** What an apply comes to. */
export interface Applied {
  object: JsonObject
  /** What the manager owns now. */
  fields: FieldSet
  /** The other managers, without what was taken from them by force. */
  entries: ManagedFieldsEntry[]
}

/**
 * Server-side apply: the object becomes as the configuration says, what the manager had applied and no longer says is
 * removed unless another owns it too, and a field that another owns and has another value of is a conflict.
 *
 * @throws StatusError 409 with every conflict, unless it is forced
 */
export function applyConfiguration(
  live: JsonObject,
  configuration: JsonObject,
  entries: readonly ManagedFieldsEntry[],
  { manager, force, schema }: { manager: Manager; force: boolean; schema: Schema },
): Applied {
  const wanted = ownedPart(configuration)
  const fields = fieldsOf(wanted, schema)
  const own = entries.find((entry) => isOf(entry, manager))
  const others = entries.filter((entry) => entry !== own)
  const clashes = others.map((entry) => clashesWith(entry, wanted, live, schema))
  const causes = clashes.flatMap(({ causes }) => causes)
  if (causes.length > 0 && !force) throw conflicts(causes)
  const left = clashes.flatMap(({ entry, taken }) => {
    const rest = taken ? without(fieldsOfEntry(entry), taken) : fieldsOfEntry(entry)
    return rest ? [withFields(entry, rest)] : []
  })
  const merged = strategicMergePatch(live, wanted, schema)
  const dropped = left.reduce<FieldSet | undefined>(
    (set, entry) => set && without(set, fieldsOfEntry(entry)),
    own && without(fieldsOfEntry(own), fields),
  )
  const object = dropped ? (removeFields(merged, dropped, schema) as JsonObject) : merged
  return { object, fields, entries: [...left, ...(own ? [own] : [])] }
}

interface Clash {
  entry: ManagedFieldsEntry
  causes: StatusCause[]
  /** What must be taken from the other. */
  taken: FieldSet | undefined
}

function clashesWith(entry: ManagedFieldsEntry, wanted: JsonObject, live: JsonObject, schema: Schema): Clash {
  const causes: StatusCause[] = []
  const message = `conflict with ${shownManager(entry)}`
  const walk = (
    value: Json,
    present: Json | undefined,
    owned: FieldSet,
    below: Schema | undefined,
    path: string,
  ): FieldSet | undefined => {
    const parts = partsOf(value, below)
    if (!parts) {
      if (isDeepStrictEqual(value, present)) return undefined
      causes.push({ reason: 'FieldManagerConflict', message, field: path })
      return {}
    }
    const there = byElement(present === undefined ? [] : (partsOf(present, below) ?? []))
    const taken: FieldSet = {}
    for (const part of parts) {
      const theirs = owned[part.element]
      if (!theirs || part.element.startsWith('v:')) continue
      const found = there.get(part.element)
      const clash = walk(part.value, found?.value, theirs, part.schema, path + shown(part.element))
      if (clash) taken[part.element] = clash
    }
    return Object.keys(taken).length > 0 ? taken : undefined
  }
  const taken = walk(wanted, live, fieldsOfEntry(entry), schema, '')
  return { entry, causes, taken }
}

/** Of who updates it is said in which version. */
function shownManager({ manager, operation, subresource, apiVersion }: ManagedFieldsEntry): string {
  const through = subresource ? ` with subresource "${subresource}"` : ''
  return `"${manager}"${through}${operation === 'Update' ? ` using ${apiVersion}` : ''}`
}

/** An element of a path as people read it: `.spec`, `[name="web"]`. */
function shown(element: string): string {
  const name = element.slice(2)
  if (element.startsWith('f:')) return `.${name}`
  const key: Json = JSON.parse(name)
  const keys = isJsonObject(key) ? Object.entries(key) : []
  return `[${keys.map(([field, value]) => `${field}=${JSON.stringify(value)}`).join(',')}]`
}

function conflicts(causes: StatusCause[]): StatusError {
  const [first, ...more] = causes
  const single = `1 conflict: ${first?.message}: ${first?.field}`
  const byManager = [...Map.groupBy(causes, ({ message = '' }) => message)]
  const lines = byManager.flatMap(([message, own]) => [
    `${message.replace('conflict', 'conflicts')}:`,
    ...own.map(({ field }) => `- ${field}`),
  ])
  const text = more.length === 0 ? single : `${causes.length} conflicts: ${lines.join('\n')}`
  return new StatusError(409, 'Conflict', `Apply failed with ${text}`, { causes })
}
