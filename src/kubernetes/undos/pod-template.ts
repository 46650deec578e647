import { isDeepStrictEqual } from 'node:util'
import { ChaosError } from '../../support/errors.ts'
import type { UndoContext, UndoOutcome } from '../../undo/types.ts'
import type { KubernetesUndoKind } from '../act.ts'
import { deployments } from '../api-resources.ts'
import { connect } from '../client.ts'
import { permissionsTo } from '../permissions.ts'
import { isTemplate } from '../pod-template.ts'
import type { Deployment, ObjectReference, PodTemplate } from '../resources.ts'
import { awaitRollout } from '../rollout.ts'
import { hasEnded } from './ended.ts'

/** What `kubernetes.podTemplate` puts back. */
export interface PodTemplateArgs extends ObjectReference {
  uid: string
  template: PodTemplate
}

/** The pod template of a deployment, as it was. */
export const podTemplate: KubernetesUndoKind<PodTemplateArgs> = {
  kind: 'kubernetes.podTemplate',
  describe: ({ name }) => `the pod template of deployment/${name} as it was`,

  permissions: (args) => permissionsTo(['get', 'list', 'patch'], deployments, args),

  async undo(args: PodTemplateArgs, { target, signal }: UndoContext): Promise<UndoOutcome> {
    if (hasEnded(target)) return 'target-gone'
    const client = await connect(target, signal)
    const found = await client.find(deployments, args)
    if (!isSame(found, args)) return 'target-gone'
    if (isDeepStrictEqual(found.spec.template, args.template)) return 'undone'

    await client.patch(deployments, args, {
      type: 'json',
      body: [
        { op: 'test', path: '/metadata/uid', value: args.uid },
        { op: 'replace', path: '/spec/template', value: args.template },
      ],
    })
    const readBack = await client.find(deployments, args)
    if (!isSame(readBack, args)) return 'target-gone'
    if (isTemplate(readBack.spec.template, args.template)) return 'undone'
    throw new ChaosError(
      'CHAOS_NOT_RESTORED',
      `The pod template of deployment/${args.name} in namespace "${args.namespace}" was written as it was before, and reads differently: someone else writes to it too, or the cluster changes what is written.`,
      { verdict: 'not-restored' },
    )
  },

  async recovered(args: PodTemplateArgs, { target, signal }: UndoContext): Promise<void> {
    const found = await (await connect(target, signal)).find(deployments, args)
    if (!isSame(found, args)) return
    const withinMs = stalledAfterMs(found)
    let seen: string | undefined
    for (;;) {
      const { outcome, progress } = await awaitRollout(target, args, { withinMs, signal, uid: args.uid })
      if (outcome === 'complete' || outcome === 'gone') return
      if (outcome === 'deadline-exceeded' || progress?.message === seen) throw notSettled(args, progress?.message)
      seen = progress?.message
    }
  },
}

function isSame(found: Deployment | undefined, { uid }: PodTemplateArgs): found is Deployment {
  return found?.metadata.uid === uid
}

/** Kubernetes' own default where the deployment names no deadline. */
const defaultProgressDeadlineSeconds = 600
const marginMs = 10_000

/** After this time without a step, nothing more is to be expected. */
function stalledAfterMs({ spec }: Deployment): number {
  return (spec.progressDeadlineSeconds ?? defaultProgressDeadlineSeconds) * 1000 + marginMs
}

function notSettled({ name }: PodTemplateArgs, message = 'nothing could be seen of it'): ChaosError {
  return new ChaosError(
    'CHAOS_ROLLBACK_NOT_COMPLETE',
    `The pod template of deployment/${name} is as it was, and its rollout does not complete: ${message}.`,
    { verdict: 'not-restored' },
  )
}
