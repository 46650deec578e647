import { type IncomingMessage, request, type ServerResponse } from 'node:http'
import { pipeline } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { loopbackAddress } from '../../addresses.ts'
import { answerTo } from '../../http/request.ts'
import { type Answer, textAnswer } from '../http/answer.ts'
import type { Call } from '../http/call.ts'
import type { Stored } from '../objects.ts'
import { nodes } from '../resources/nodes.ts'
import { pods } from '../resources/pods.ts'
import type { Cluster } from '../resources/resource.ts'
import { badRequest, internalError, notFound } from '../status.ts'
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

/** @throws StatusError 400 when the pod has no such container, or none was named and it has several */
function containerOf({ metadata, spec }: Stored<Pod>, wanted: string | null): string {
  const own = (spec?.containers ?? []).map(({ name }) => name)
  const all = [...own, ...(spec?.initContainers ?? []).map(({ name }) => name)]
  const [only] = own
  if (!wanted && only && all.length === 1) return only
  if (wanted && all.includes(wanted)) return wanted
  throw badRequest(
    wanted
      ? `container ${wanted} is not valid for pod ${metadata.name}`
      : `a container name must be specified for pod ${metadata.name}, choose one of: [${all.join(' ')}]`,
  )
}

/** @throws StatusError 500 when it cannot be asked */
async function askKubelet({ store, token }: Cluster, nodeName: string, path: string): Promise<IncomingMessage> {
  const { addresses = [], daemonEndpoints } = store.get(nodes, '', nodeName)?.status ?? {}
  const address = addresses.find(({ type }) => type === 'InternalIP')?.address
  const port = daemonEndpoints?.kubeletEndpoint?.Port
  if (!address || !port) throw internalError(new Error(`node ${nodeName} does not say where its kubelet is`))
  const headers = { authorization: `Bearer ${token}` }
  try {
    return await answerTo(request({ host: loopbackAddress(address), port, path, headers, agent: false }))
  } catch (error) {
    throw internalError(error)
  }
}

/** The end of either ends the other. */
function passOn(answer: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' })
  response.flushHeaders()
  pipeline(answer, response, () => {})
}
