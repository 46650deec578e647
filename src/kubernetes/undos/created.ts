import { randomUUID } from 'node:crypto'
import { ChaosError } from '../../support/errors.ts'
import type { UndoContext, UndoOutcome } from '../../undo/types.ts'
import type { ApiResource, NamedObject } from '../api/api-resources.ts'
import { connect } from '../api/client.ts'
import { hasCode } from '../api/errors.ts'
import { permissionsTo } from '../api/permissions.ts'
import { hasEnded } from './ended.ts'
import type { KubernetesUndoKind } from './kind.ts'
import { patiently } from './patience.ts'

/** What `kubernetes.created` takes away. */
export interface CreatedArgs {
  resource: ApiResource
  namespace?: string
  name: string
  /** What it carries in the annotation {@link markAnnotation}: nobody else's object of that name is taken away. */
  mark: string
}

/** Tells what an action has created from what was there, or came later. */
export const markAnnotation = 'chaos-test/created-by'

/** What no other action has: an object has no UID before it is created. */
export function newMark(): string {
  return randomUUID().slice(0, 8)
}

/** An object that was not there before: it is deleted, and gone. */
export const createdUndo: KubernetesUndoKind<CreatedArgs> = {
  kind: 'kubernetes.created',
  describe: ({ resource, name }) => `without ${resource.kind.toLowerCase()}/${name}`,

  permissions: (args) => permissionsTo(['get', 'delete'], args.resource, args),

  async undo(args: CreatedArgs, { target, signal }: UndoContext): Promise<UndoOutcome> {
    if (hasEnded(target)) return 'target-gone'
    const { resource, mark } = args
    const client = await connect(target, signal)
    const found = (await client.find(resource, args)) as MarkedObject | undefined
    if (!found) return 'undone'
    if (found.metadata?.annotations?.[markAnnotation] !== mark) return 'target-gone'
    const { uid = '' } = found.metadata
    if (found.metadata.deletionTimestamp === undefined) {
      try {
        await client.remove(resource, args, { propagationPolicy: 'Foreground', preconditions: { uid } })
      } catch (error) {
        if (!hasCode(error, 'CHAOS_NOT_FOUND', 'CHAOS_CONFLICT')) throw error
      }
    }
    const leftOf = async () => {
      const left = (await client.find(resource, args)) as MarkedObject | undefined
      if (left?.metadata?.uid !== uid) return undefined
      const { finalizers = [] } = left.metadata
      return finalizers.length > 0 ? `its finalizers (${finalizers.join(', ')}) hold it` : 'it is being deleted'
    }
    await patiently(leftOf, (why) => stillThere(args, why), signal)
    return 'undone'
  },
}

interface MarkedObject extends NamedObject {
  metadata?: NamedObject['metadata'] & {
    annotations?: Record<string, string>
    deletionTimestamp?: string
    finalizers?: string[]
  }
}

function stillThere({ resource, name }: CreatedArgs, why: string): ChaosError {
  return new ChaosError(
    'CHAOS_NOT_RESTORED',
    `${resource.kind.toLowerCase()}/${name} was deleted and is still there: ${why}.`,
    { verdict: 'not-restored' },
  )
}
