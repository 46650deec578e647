import { type Answer, objectAnswer } from '../http/answer.ts'
import { type Call, objectOf } from '../http/call.ts'
import { selectedOf, selectionOf } from './selection.ts'

export function getObject(call: Call): Answer {
  return objectAnswer(call.resource, objectOf(call))
}

/** All objects at once: the limit of the query is a wish that the server need not grant. */
export function listObjects({ cluster, request, resource, namespace }: Call): Answer {
  const objects = selectedOf(cluster.store.list(resource, namespace), selectionOf(request, resource))
  return { form: 'list', resource, objects, version: cluster.store.version }
}
