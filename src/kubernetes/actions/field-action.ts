import type { ApiResource } from '../api/api-resources.ts'
import type { KubernetesClient } from '../api/client.ts'
import { permissionsTo } from '../api/permissions.ts'
import { addressOf, changeObject, type ReadObject } from '../changes/change.ts'
import { type FieldChange, patchFor } from '../changes/fields.ts'
import type { Impact } from '../changes/impact.ts'
import { shownOf } from '../changes/shown.ts'
import { fieldsUndo } from '../undos/fields.ts'
import { act } from './act.ts'

/** An action that changes fields of one object. */
export interface FieldAction {
  title: string
  /** What the fields are, in words: `the number of replicas (3)`. It is said with the undo. */
  what: string
  resource: ApiResource
  /** The object as it is, and what is to be different. */
  read: ReadObject
  changes: readonly FieldChange[]
  impact: Impact
}

/**
 * Changes fields of one object, provided that they are still as they were read. It is undone by giving them the values
 * that they had.
 *
 * @throws CHAOS_CONFLICT when someone else has changed them since: then nothing was changed
 */
export async function changeFields(client: KubernetesClient, action: FieldAction): Promise<void> {
  const { title, what, resource, read, changes, impact } = action
  const address = addressOf(read)
  const { uid = '' } = read.metadata
  const valuesOf = (side: 'before' | 'after') =>
    shownOf(resource, Object.fromEntries(changes.map(({ path, [side]: value }) => [path, value ?? null])))
  await act(client, {
    title,
    before: valuesOf('before'),
    after: valuesOf('after'),
    impact,
    permissions: permissionsTo(['get', 'patch'], resource, address),
    undo: {
      by: fieldsUndo,
      args: {
        resource,
        ...address,
        uid,
        what,
        fields: changes.map(({ path, before }) => (before === undefined ? { path } : { path, value: before })),
      },
    },
    run: (writer) => changeObject(writer, resource, read, patchFor(read, changes)),
  })
}
