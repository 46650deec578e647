import { type IncomingMessage, request, type ServerResponse } from 'node:http'
import { pipeline } from 'node:stream'
import { text } from 'node:stream/consumers'
import { answerTo } from '../../http/request.ts'
import { type Answer, textAnswer } from '../http/answer.ts'
import type { Call } from '../http/call.ts'
import { pods } from '../resources/pods.ts'
import type { Cluster } from '../resources/resource.ts'
import { badRequest, internalError, notFound, StatusError } from '../status.ts'
import { containerOf } from './container.ts'
import { kubeletAddress } from './kubelet-address.ts'
import type { Subresource } from './subresource.ts'

/** The output of a pod's containers: the server asks the kubelet of its node, where that says it can be asked. */
export const log: Subresource = {
  verbs: { get: readLog },
}

async function readLog({ cluster, request: { query }, namespace, name }: Call): Promise<Answer> {
  const pod = cluster.store.get(pods, namespace, name)
  if (!pod) throw notFound(pods, name)
  const container = containerOf(pod, query.get('container'))
  if (!pod.spec?.nodeName) return textAnswer('')
  const path = ['containerLogs', namespace, name, container].map(encodeURIComponent).join('/')
  const answer = await askKubelet(cluster, pod.spec.nodeName, `/${path}?${query}`)
  if (answer.statusCode !== 200) throw badRequest(await text(answer))
  return { form: 'stream', start: (response) => passOn(answer, response) }
}

/** @throws StatusError 500 when it cannot be asked */
async function askKubelet(cluster: Cluster, nodeName: string, path: string): Promise<IncomingMessage> {
  const headers = { authorization: `Bearer ${cluster.token}` }
  try {
    return await answerTo(request({ ...kubeletAddress(cluster, nodeName), path, headers, agent: false }))
  } catch (error) {
    throw error instanceof StatusError ? error : internalError(error)
  }
}

/** The end of either ends the other. */
function passOn(answer: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' })
  response.flushHeaders()
  pipeline(answer, response, () => {})
}
