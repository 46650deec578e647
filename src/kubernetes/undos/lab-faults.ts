import type { Fault } from '../../lab/index.ts'
import { ChaosError } from '../../support/errors.ts'
import type { UndoContext, UndoOutcome } from '../../undo/types.ts'
import { type ApiResource, nodes } from '../api/api-resources.ts'
import { connect, type KubernetesClient } from '../api/client.ts'
import { hasCode } from '../api/errors.ts'
import { permissionsTo } from '../api/permissions.ts'
import { markAnnotation } from './created.ts'
import { hasEnded } from './ended.ts'
import type { KubernetesUndoKind } from './kind.ts'
import { patiently } from './patience.ts'
import { type PodsReplacedArgs, podsReplaced } from './pods-replaced.ts'

export const faults: ApiResource<Fault> = {
  group: 'lab.chaos-test',
  version: 'v1',
  kind: 'Fault',
  plural: 'faults',
  namespaced: false,
}

/** What `kubernetes.labFaults` ends. */
export interface LabFaultsArgs {
  /** What was done, in words: `hang pod/web-1`. */
  title: string
  names: string[]
  /** What they carry in the annotation {@link markAnnotation}. */
  mark: string
  /** Pods that it hits: their owners are to have as many that are ready as before. */
  pods?: PodsReplacedArgs
  /** The node that it hits: it is to be ready again. */
  node?: string
}

/** Faults of a lab that are in force: they have ended, and what they have hit has recovered. */
export const labFaultsUndo: KubernetesUndoKind<LabFaultsArgs> = {
  kind: 'kubernetes.labFaults',
  describe: ({ title }) => `the end of the fault "${title}"`,

  permissions: ({ names, pods, node }) => [
    ...names.flatMap((name) => permissionsTo(['get', 'delete'], faults, { name })),
    ...(pods ? podsReplaced.permissions(pods) : []),
    ...(node === undefined ? [] : permissionsTo(['get'], nodes, { name: node })),
  ],

  async undo({ names, mark }: LabFaultsArgs, { target, signal }: UndoContext): Promise<UndoOutcome> {
    if (hasEnded(target)) return 'target-gone'
    const client = await connect(target, signal)
    await Promise.all(names.map((name) => end(client, name, mark, signal)))
    return 'undone'
  },

  async recovered({ pods, node }, context): Promise<void> {
    if (hasEnded(context.target)) return
    if (node !== undefined) await awaitReady(node, context)
    if (pods) await podsReplaced.recovered(pods, context)
  },
}

/** Deletes a fault, and waits until it has ended: then its object is gone. */
async function end(client: KubernetesClient, name: string, mark: string, signal: AbortSignal): Promise<void> {
  const found = (await client.find(faults, { name })) as MarkedFault | undefined
  if (found?.metadata.annotations?.[markAnnotation] !== mark) return
  const { uid, deletionTimestamp } = found.metadata
  if (deletionTimestamp === undefined) {
    try {
      await client.remove(faults, { name }, { preconditions: { uid } })
    } catch (error) {
      if (!hasCode(error, 'CHAOS_NOT_FOUND', 'CHAOS_CONFLICT')) throw error
    }
  }
  const leftOf = async () => {
    const left = (await client.find(faults, { name })) as MarkedFault | undefined
    return left?.metadata.uid === uid ? (left.metadata.finalizers ?? []).join(', ') : undefined
  }
  await patiently(leftOf, (holding) => stillInForce(name, holding), signal)
}

interface MarkedFault {
  metadata: { uid: string; annotations?: Record<string, string>; deletionTimestamp?: string; finalizers?: string[] }
}

async function awaitReady(name: string, { target, signal }: UndoContext): Promise<void> {
  const client = await connect(target, signal)
  const amissOf = async () => {
    const node = await client.find(nodes, { name })
    const ready = node?.status?.conditions?.find(({ type }) => type === 'Ready')?.status
    return node === undefined || ready === 'True' ? undefined : `its condition Ready is ${ready}`
  }
  const notReady = (amiss: string) =>
    new ChaosError('CHAOS_NOT_RECOVERED', `node/${name} is not ready again yet: ${amiss}.`, { verdict: 'not-restored' })
  await patiently(amissOf, notReady, signal)
}

function stillInForce(name: string, holding: string): ChaosError {
  return new ChaosError('CHAOS_NOT_RESTORED', `fault/${name} was deleted and is still in force: ${holding} holds it.`, {
    verdict: 'not-restored',
  })
}
