import type { Fault, FaultSpec } from '../../lab/index.ts'
import { systemClock } from '../../support/clock.ts'
import { ChaosError } from '../../support/errors.ts'
import { type ApiResource, apiVersionOf } from '../api/api-resources.ts'
import type { KubernetesClient } from '../api/client.ts'
import { hasCode } from '../api/errors.ts'
import { permissionsTo } from '../api/permissions.ts'
import type { Impact } from '../changes/impact.ts'
import { markAnnotation, newMark } from '../undos/created.ts'
import { faults, type LabFaultsArgs, labFaultsUndo } from '../undos/lab-faults.ts'
import { act } from './act.ts'

/** Faults of the lab, which begin and end together. */
export interface LabFaultAction extends Pick<LabFaultsArgs, 'pods' | 'node'> {
  /** In words: `hang pod/web-1`. */
  title: string
  specs: readonly FaultSpec[]
  before?: unknown
  impact: Impact
}

const inForceWithinMs = 10_000
const lookEveryMs = 50

/**
 * Brings faults about, and makes sure that they are in force. They are undone by deleting their objects: what holds these
 * back until the fault has ended is the part of the lab that brings it about.
 *
 * @throws CHAOS_LAB_ONLY on a target that is no lab
 * @throws CHAOS_FAULT_FAILED when the lab cannot bring it about, CHAOS_FAULT_NOT_IN_FORCE when it does not in time
 */
export async function bringAbout(client: KubernetesClient, action: LabFaultAction): Promise<void> {
  const { title, specs, before, impact, pods, node } = action
  const mark = newMark()
  const names = specs.map((_, index) => `chaos-test-${mark}${specs.length === 1 ? '' : `-${index + 1}`}`)
  await act(client, {
    title,
    before: before ?? null,
    after: { faults: specs },
    impact: { ...impact, objects: [...impact.objects, ...names.map((name) => ({ kind: 'fault', name }))] },
    permissions: [...permissionsTo(['create'], faults), ...permissionsTo(['get'], faults)],
    undo: {
      by: labFaultsUndo,
      args: { title, names, mark, ...(pods ? { pods } : {}), ...(node === undefined ? {} : { node }) },
    },
    rehearse: (rehearser) => createAll(rehearser, names, mark, specs),
    async run(writer) {
      await createAll(writer, names, mark, specs)
      await Promise.all(names.map((name) => awaitInForce(writer, name, title)))
    },
  })
}

/** @throws CHAOS_LAB_ONLY on a target that is no lab: nothing was done */
export async function requireLab(client: KubernetesClient, tried: string): Promise<void> {
  const { target } = client
  if (target.kind === 'lab') return
  try {
    await client.kindsOf(faults.group, faults.version)
  } catch (error) {
    if (!hasCode(error, 'CHAOS_NOT_SERVED')) throw error
    throw new ChaosError(
      'CHAOS_LAB_ONLY',
      `${tried}: only a lab can do this, and "${target.name}" is a cluster, which has no such faults of its own. Nothing was done. There, pods().isolate({ … }) cuts pods off by a NetworkPolicy; an engine of faults such as Chaos Mesh is told what to do by its objects: kubernetes.object({ apiVersion: 'chaos-mesh.org/v1alpha1', … }).create(…); and anything else is an action of your own (defineAction).`,
      { cause: error },
    )
  }
}

async function createAll(
  client: KubernetesClient,
  names: readonly string[],
  mark: string,
  specs: readonly FaultSpec[],
): Promise<void> {
  const create = (name: string, spec: FaultSpec | undefined) =>
    client.create(faults as ApiResource<object>, {
      apiVersion: apiVersionOf(faults),
      kind: faults.kind,
      metadata: { name, annotations: { [markAnnotation]: mark } },
      spec,
    })
  await Promise.all(names.map((name, index) => create(name, specs[index])))
}

async function awaitInForce(client: KubernetesClient, name: string, title: string): Promise<void> {
  const giveUpAt = performance.now() + inForceWithinMs
  for (;;) {
    const { status }: Fault = await client.get(faults, { name })
    if (status?.phase === 'Active') return
    if (status?.phase === 'Failed') {
      throw new ChaosError('CHAOS_FAULT_FAILED', `${title}: the lab cannot bring it about: ${status.message}.`)
    }
    if (performance.now() > giveUpAt) {
      throw new ChaosError(
        'CHAOS_FAULT_NOT_IN_FORCE',
        `${title}: nothing of the lab has brought fault/${name} about within ${inForceWithinMs / 1000} s. What it is about may be gone, or its node is down.`,
      )
    }
    await systemClock.sleep(lookEveryMs, client.signal)
  }
}
