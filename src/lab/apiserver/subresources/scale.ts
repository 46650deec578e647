import type { LabelSelector } from 'kubernetes-types/meta/v1.d.ts'
import { managerOf } from '../fields/managers.ts'
import { type Answer, jsonAnswer } from '../http/answer.ts'
import { readObject } from '../http/body.ts'
import { type Call, objectOf } from '../http/call.ts'
import { type ApiObject, copyOf, type JsonObject } from '../objects.ts'
import { readPatch } from '../patches/patch.ts'
import { objectMeta } from '../schemas/meta.ts'
import { struct } from '../schemas/schema.ts'
import { scaleSpec } from '../schemas/workloads.ts'
import { formatLabelSelector } from '../selectors/labels.ts'
import { Problems } from '../validation/problems.ts'
import { refuseProblems } from '../verbs/admit.ts'
import { isDryRunQuery } from '../verbs/options.ts'
import { shapeInto } from '../verbs/shape.ts'
import { replace } from '../verbs/update.ts'
import type { Subresource } from './subresource.ts'

const scaleKind = { group: 'autoscaling', version: 'v1', kind: 'Scale' }

/** How many pods a workload is to have, in the same form for every kind of workload. */
export const scale: Subresource = {
  kind: scaleKind,
  verbs: {
    get: (call) => jsonAnswer(scaleOf(objectOf(call))),
    async update(call) {
      const body = await readObject(call.request)
      return setScale(call, objectOf(call), body, 'UpdateOptions')
    },
    async patch(call) {
      const patch = readPatch(call.request.contentType, await call.request.text(), scaleSchema)
      const workload = objectOf(call)
      return setScale(call, workload, copyOf(patch(scaleOf(workload))), 'PatchOptions')
    },
  },
}

const scaleSchema = struct({ metadata: objectMeta, spec: scaleSpec })

interface Workload extends ApiObject {
  spec?: { replicas?: number; selector?: LabelSelector }
  status?: { replicas?: number }
}

function scaleOf({ metadata, spec, status }: Workload): JsonObject {
  const { name, namespace = '', uid, resourceVersion, creationTimestamp } = metadata
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: spec?.replicas ?? 0 },
    status: { replicas: status?.replicas ?? 0, selector: formatLabelSelector(spec?.selector) },
  }
}

interface Wish {
  metadata: { uid?: string; resourceVersion?: string }
  spec: { replicas?: number }
}

function setScale(call: Call, workload: Workload, wanted: JsonObject, optionsKind: string): Answer {
  const { metadata, spec } = decodeScale(wanted, workload.metadata.name)
  const { uid, resourceVersion } = metadata
  const next = copyOf(workload)
  next.spec = { ...next.spec, replicas: spec.replicas ?? 0 }
  next.metadata = { ...next.metadata, ...(uid ? { uid } : {}), ...(resourceVersion ? { resourceVersion } : {}) }
  const dryRun = isDryRunQuery(call.request, optionsKind)
  const manager = managerOf(call.request, 'Update', 'scale')
  return jsonAnswer(scaleOf(replace(call, workload, next, { dryRun, manager })))
}

/** @throws StatusError 400, 422 */
function decodeScale(json: JsonObject, name: string): Wish {
  shapeInto(json, scaleSchema, scaleKind)
  const wish = json as unknown as Wish
  const problems = new Problems()
  problems.notNegative('spec.replicas', wish.spec.replicas)
  refuseProblems(scaleKind, name, problems)
  return wish
}
