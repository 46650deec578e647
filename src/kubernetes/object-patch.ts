import type { ApiResource } from './api-resources.ts'
import { addressOf, type ReadObject } from './change.ts'
import type { KubernetesClient, Patch } from './client.ts'
import { changesBetween, type FieldChange } from './fields.ts'
import type { PatchOperation } from './resources.ts'

/** A part of an object as it shall be, or a list of JSON patch operations (RFC 6902). */
export type ObjectPatch = object | readonly PatchOperation[]

export interface PatchOptions {
  /**
   * How a part of an object is understood: `strategic` merges lists by what names their items, `merge` (RFC 7396)
   * replaces them. Custom resources know only the latter.
   *
   * @default 'strategic'
   */
  type?: 'strategic' | 'merge'
}

/** What a patch would change, found out by a dry run of the server: nothing is changed. */
export async function changesOfPatch(
  client: KubernetesClient,
  resource: ApiResource,
  read: ReadObject,
  patch: ObjectPatch,
  { type = 'strategic' }: PatchOptions,
): Promise<FieldChange[]> {
  const sent: Patch = isOperations(patch) ? { type: 'json', body: patch } : { type, body: patch }
  const after = await client.patch(resource, addressOf(read), sent, { dryRun: true })
  return changesBetween(read, after)
}

function isOperations(patch: ObjectPatch): patch is readonly PatchOperation[] {
  return Array.isArray(patch)
}
