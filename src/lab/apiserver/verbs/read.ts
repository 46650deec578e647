import { type Answer, objectAnswer } from '../http/answer.ts'
import { type Call, objectOf } from '../http/call.ts'
import { selectionOf } from './selection.ts'

export function getObject(call: Call): Answer {
  return objectAnswer(call.resource, objectOf(call))
}

/** All objects at once: the limit of the query is a wish that the server need not grant. */
export function listObjects({ cluster, request, resource, namespace }: Call): Answer {
  const selected = selectionOf(request, resource)
  const objects = cluster.store.list(resource, namespace).filter(selected)
  return { form: 'list', resource, objects, version: cluster.store.version }
}
