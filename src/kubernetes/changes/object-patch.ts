import type { ApiResource } from '../api/api-resources.ts'
import type { KubernetesClient, Patch } from '../api/client.ts'
import type { PatchOperation } from '../api/resources.ts'
import { addressOf, type ReadObject } from './change.ts'
import { changesBetween, type FieldChange } from './fields.ts'

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

/** An object, and what a patch would change of it. */
export interface Preview<T> {
  /** It as it is, which may be newer than what was read before. */
  read: T
  changes: FieldChange[]
}

/**
 * What a patch would change, found out by a dry run of the server: nothing is changed. What others have changed since the
 * object was read is theirs, and not of the patch.
 */
export async function preview<T>(
  client: KubernetesClient,
  resource: ApiResource<T>,
  read: T & ReadObject,
  patch: Patch,
): Promise<Preview<T & ReadObject>> {
  const address = addressOf(read)
  const stored = resource as ApiResource<T & ReadObject>
  let present = read
  for (;;) {
    const patched = await client.patch(stored, address, patch, { dryRun: true })
    // A dry run is answered with the version that it was tried on.
    if (patched.metadata.resourceVersion === present.metadata.resourceVersion) {
      return { read: present, changes: changesBetween(present, patched) }
    }
    present = await client.get(stored, address)
  }
}

/** A patch as it is sent. */
export function patchOf(patch: ObjectPatch, { type = 'strategic' }: PatchOptions): Patch {
  return isOperations(patch) ? { type: 'json', body: patch } : { type, body: patch }
}

function isOperations(patch: ObjectPatch): patch is readonly PatchOperation[] {
  return Array.isArray(patch)
}
