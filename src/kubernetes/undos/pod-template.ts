import { isDeepStrictEqual } from 'node:util'
import { ChaosError } from '../../support/errors.ts'
import type { UndoContext, UndoOutcome } from '../../undo/types.ts'
import { connect } from '../api/client.ts'
import { permissionsTo } from '../api/permissions.ts'
import type { ObjectReference, PodTemplate, Workload } from '../api/resources.ts'
import { isTemplate } from '../changes/pod-template.ts'
import { awaitSettled } from '../watch/settle.ts'
import { type WorkloadKind, workloadKindNamed } from '../watch/workload-kinds.ts'
import { hasEnded } from './ended.ts'
import type { KubernetesUndoKind } from './kind.ts'

/** What `kubernetes.podTemplate` puts back. */
export interface PodTemplateArgs extends ObjectReference {
  /** @default 'deployment' */
  workload?: WorkloadKind['kind']
  uid: string
  template: PodTemplate
}

/** The pod template of a workload, as it was. */
export const podTemplate: KubernetesUndoKind<PodTemplateArgs> = {
  kind: 'kubernetes.podTemplate',
  describe: (args) => `the pod template of ${subjectOf(args)} as it was`,

  permissions: (args) => permissionsTo(['get', 'list', 'patch'], resourceOf(args), args),

  async undo(args: PodTemplateArgs, { target, signal }: UndoContext): Promise<UndoOutcome> {
    if (hasEnded(target)) return 'target-gone'
    const resource = resourceOf(args)
    const client = await connect(target, signal)
    const found = await client.find(resource, args)
    if (!isSame(found, args)) return 'target-gone'
    if (isDeepStrictEqual(found.spec.template, args.template)) return 'undone'

    await client.patch(resource, args, {
      type: 'json',
      body: [
        { op: 'test', path: '/metadata/uid', value: args.uid },
        { op: 'replace', path: '/spec/template', value: args.template },
      ],
    })
    const readBack = await client.find(resource, args)
    if (!isSame(readBack, args)) return 'target-gone'
    if (isTemplate(readBack.spec.template, args.template)) return 'undone'
    throw new ChaosError(
      'CHAOS_NOT_RESTORED',
      `The pod template of ${subjectOf(args)} in namespace "${args.namespace}" was written as it was before, and reads differently: someone else writes to it too, or the cluster changes what is written.`,
      { verdict: 'not-restored' },
    )
  },

  recovered: (args, context) => awaitSettled(resourceOf(args), args, args.uid, context),
}

function resourceOf({ workload }: PodTemplateArgs) {
  return workloadKindNamed(workload).resource
}

function subjectOf({ workload = 'deployment', name }: PodTemplateArgs): string {
  return `${workload}/${name}`
}

function isSame(found: Workload | undefined, { uid }: PodTemplateArgs): found is Workload {
  return found?.metadata.uid === uid
}
