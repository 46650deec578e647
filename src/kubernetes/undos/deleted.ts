import { ChaosError } from '../../support/errors.ts'
import type { UndoContext, UndoOutcome } from '../../undo/types.ts'
import type { ApiResource, NamedObject } from '../api/api-resources.ts'
import { connect, type KubernetesClient } from '../api/client.ts'
import { hasCode } from '../api/errors.ts'
import { permissionsTo } from '../api/permissions.ts'
import { includes } from '../changes/pod-template.ts'
import { awaitSettled, settlingPermissions } from '../watch/settle.ts'
import { hasEnded } from './ended.ts'
import type { KubernetesUndoKind } from './kind.ts'
import { patiently } from './patience.ts'

/** What `kubernetes.deleted` creates again. */
export interface DeletedArgs {
  resource: ApiResource
  namespace?: string
  name: string
  /** Of the object that was to be deleted. */
  uid: string
  /** As it is created again: without what the API server adds by itself. */
  object: object
}

/** An object that was deleted: it is there again, as it was but for its UID. */
export const deletedUndo: KubernetesUndoKind<DeletedArgs> = {
  kind: 'kubernetes.deleted',
  describe: ({ resource, name }) => `${resource.kind.toLowerCase()}/${name} as it was`,

  permissions: ({ resource, namespace, name }) => [
    ...permissionsTo(['get'], resource, { ...(namespace === undefined ? {} : { namespace }), name }),
    ...permissionsTo(['create'], resource, namespace === undefined ? {} : { namespace }),
    ...settlingPermissions(resource, namespace === undefined ? {} : { namespace }),
  ],

  async undo(args: DeletedArgs, { target, signal }: UndoContext): Promise<UndoOutcome> {
    if (hasEnded(target)) return 'target-gone'
    const client = await connect(target, signal)
    const found = await findSettled(client, args, signal)
    if (found?.metadata?.uid === args.uid) return 'undone'
    if (found) return sameAs(args, found)
    try {
      await client.create(args.resource as ApiResource<object>, args.object)
    } catch (error) {
      // Its namespace is gone, and everything in it.
      if (hasCode(error, 'CHAOS_NOT_FOUND')) return 'target-gone'
      if (!hasCode(error, 'CHAOS_CONFLICT')) throw error
    }
    const readBack = await findSettled(client, args, signal)
    if (!readBack) throw notRestored(args, 'it was created and is gone again')
    return sameAs(args, readBack)
  },

  recovered: ({ resource, namespace = '', name }, context) =>
    awaitSettled(resource, { namespace, name }, undefined, context),
}

type Found = NamedObject & { metadata?: { deletionTimestamp?: string }; spec?: unknown; data?: unknown }

/** The object, once it is not about to be deleted any more. */
async function findSettled(
  client: KubernetesClient,
  args: DeletedArgs,
  signal: AbortSignal,
): Promise<Found | undefined> {
  let found: Found | undefined
  await patiently(
    async () => {
      found = (await client.find(args.resource, args)) as Found | undefined
      return found?.metadata?.deletionTimestamp === undefined ? undefined : 'the one before is still being deleted'
    },
    (why) => notRestored(args, why),
    signal,
  )
  return found
}

function sameAs(args: DeletedArgs, found: Found): UndoOutcome {
  const wanted = args.object as Found
  if (includes(found.spec, wanted.spec) && includes(found.data, wanted.data)) return 'undone'
  throw notRestored(args, 'somebody else has created another one of that name')
}

function notRestored({ resource, name }: DeletedArgs, why: string): ChaosError {
  return new ChaosError(
    'CHAOS_NOT_RESTORED',
    `${resource.kind.toLowerCase()}/${name} was deleted and is not there as it was: ${why}.`,
    { verdict: 'not-restored' },
  )
}
