import { ChaosError } from '../../support/errors.ts'
import type { ApiResource } from '../api/api-resources.ts'
import type { KubernetesClient, ObjectAddress } from '../api/client.ts'
import { hasCode } from '../api/errors.ts'
import type { PatchOperation } from '../api/resources.ts'
import { restoring } from './fields.ts'

/** An object as it was read. */
export interface ReadObject {
  metadata: { name?: string; namespace?: string; uid?: string; resourceVersion?: string }
}

/**
 * Changes an object, provided that it is still the one that was read, and that what the operations test is still so.
 *
 * @throws CHAOS_CONFLICT when someone else has changed it since: then nothing was changed
 */
export async function changeObject(
  client: KubernetesClient,
  resource: ApiResource,
  read: ReadObject,
  operations: readonly PatchOperation[],
): Promise<void> {
  const { uid } = read.metadata
  const address = addressOf(read)
  try {
    const sameObject: PatchOperation = { op: 'test', path: '/metadata/uid', value: uid }
    await client.patch(resource, address, { type: 'json', body: [sameObject, ...operations] })
  } catch (error) {
    if (!hasCode(error, 'CHAOS_INVALID')) throw error
    const now = (await client.find(resource, address)) as ReadObject | undefined
    if (now && now.metadata.uid === uid && isAsTested(now, operations)) throw error
    throw new ChaosError(
      'CHAOS_CONFLICT',
      `${resource.kind.toLowerCase()}/${address.name} was changed by someone else between the reading and the writing of it. Nothing was changed. Make sure that nobody else changes it during an experiment.`,
      { cause: error },
    )
  }
}

function isAsTested(now: ReadObject, operations: readonly PatchOperation[]): boolean {
  const tested = operations.filter(({ op }) => op === 'test').map(({ path, value }) => ({ path, value }))
  return restoring(now, tested).length === 0
}

export function addressOf({ metadata: { name = '', namespace } }: ReadObject): ObjectAddress {
  return namespace === undefined ? { name } : { namespace, name }
}
