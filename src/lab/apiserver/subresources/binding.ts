import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { apiTime } from '../../time.ts'
import { type Answer, jsonAnswer } from '../http/answer.ts'
import { readObject } from '../http/body.ts'
import type { Call } from '../http/call.ts'
import { isJsonObject, type JsonObject, type Stored } from '../objects.ts'
import { pods } from '../resources/pods.ts'
import { conflict, invalid, notFound } from '../status.ts'
import { isDryRunQuery } from '../verbs/options.ts'
import type { Subresource } from './subresource.ts'

/** Where the scheduler says on which node a pod is to run. */
export const binding: Subresource = {
  kind: { group: '', version: 'v1', kind: 'Binding' },
  verbs: { create: bind },
}

async function bind({ cluster, request, namespace, name }: Call): Promise<Answer> {
  const nodeName = targetOf(await readObject(request), name)
  const dryRun = isDryRunQuery(request, 'CreateOptions')
  const pod = cluster.store.get(pods, namespace, name)
  if (!pod) throw notFound(pods, name)
  const { spec, metadata } = pod
  if (metadata.deletionTimestamp) {
    throw conflict(pods, name, `pod ${name} is being deleted, cannot be assigned to a host`)
  }
  if (spec?.nodeName) throw conflict(pods, name, `pod ${name} is already assigned to node "${spec.nodeName}"`)
  if (!dryRun) cluster.store.put(pods, boundTo(nodeName, pod, apiTime(cluster.clock.now())))
  return jsonAnswer({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 }, 201)
}

/** @throws StatusError 422 */
function targetOf({ target }: JsonObject, podName: string): string {
  const nodeName = isJsonObject(target) ? target.name : undefined
  if (typeof nodeName === 'string' && nodeName !== '') return nodeName
  throw invalid({ group: '', kind: 'Binding' }, podName, [
    { reason: 'FieldValueRequired', message: 'Required value', field: 'target.name' },
  ])
}

function boundTo(nodeName: string, pod: Stored<Pod>, time: string): Stored<Pod> {
  const conditions = (pod.status?.conditions ?? []).filter(({ type }) => type !== 'PodScheduled')
  return {
    ...pod,
    spec: { ...pod.spec, containers: pod.spec?.containers ?? [], nodeName },
    status: {
      ...pod.status,
      conditions: [...conditions, { type: 'PodScheduled', status: 'True', lastTransitionTime: time }],
    },
  }
}
