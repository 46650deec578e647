import type { IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { answerAndHangUp } from '../../http/hang-up.ts'
import type { Stored } from '../objects.ts'
import { findResource } from '../resources/index.ts'
import { pods } from '../resources/pods.ts'
import type { Cluster } from '../resources/resource.ts'
import { badRequest, internalError, notFound, notServed, StatusError } from '../status.ts'
import { containerOf } from '../subresources/container.ts'
import { kubeletAddress } from '../subresources/kubelet-address.ts'
import { isTrue } from '../watch/watch.ts'
import type { Guard } from './guard.ts'
import { parseResourcePath } from './path.ts'
import { readRequest } from './request.ts'

export interface UpgradeOptions {
  cluster: Cluster
  guard: Guard
}

/** The headers that the kubelet is not to see: they are between the client and this server. */
const ownHeaders = ['authorization', 'host', 'content-length']

/**
 * Passes a request to run a command, or to forward ports, on to the kubelet of the pod's node, which upgrades it, and
 * then whatever either says: the server itself knows neither protocol.
 *
 * @param open where the sockets are kept, to be ended with the server
 */
export function upgradeHandler(
  options: UpgradeOptions,
  open: Set<Duplex>,
): (message: IncomingMessage, socket: Duplex, head: Buffer) => void {
  return (message, socket, head) => {
    open.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => open.delete(socket))
    try {
      options.guard(message)
      const { host, port, path } = destinationOf(message, options.cluster)
      const kubelet = connect({ host, port, noDelay: true })
      kubelet.write(headOf(message, path, options.cluster.token))
      kubelet.write(head)
      kubelet.on('error', () => socket.destroy())
      kubelet.on('close', () => socket.end())
      socket.on('close', () => kubelet.destroy())
      socket.pipe(kubelet).pipe(socket)
    } catch (error) {
      const refusal = error instanceof StatusError ? error : internalError(error)
      const text = message.method === 'HEAD' ? '' : JSON.stringify(refusal.toStatus())
      answerAndHangUp(socket, refusal.code, text, 'application/json')
    }
  }
}

/** @throws StatusError 400, 404, 500 */
function destinationOf(message: IncomingMessage, cluster: Cluster): { host: string; port: number; path: string } {
  const { path, query } = readRequest(message)
  const wanted = parseResourcePath(path)
  if (!wanted || findResource(wanted) !== pods) throw notServed(`an upgrade of ${path}`)
  const { namespace, name, subresource } = wanted
  const pod = cluster.store.get(pods, namespace, name)
  if (!pod) throw notFound(pods, name)
  const segments = questionFor(subresource, pod, query)
  if (!pod.spec?.nodeName) throw badRequest(`pod ${name} does not have a host assigned`)
  return {
    ...kubeletAddress(cluster, pod.spec.nodeName),
    path: `/${segments.map(encodeURIComponent).join('/')}?${query}`,
  }
}

/** What the kubelet is asked for. @throws StatusError 400, 404 */
function questionFor(subresource: string, pod: Stored<Pod>, query: URLSearchParams): string[] {
  const { namespace = '', name } = pod.metadata
  switch (subresource) {
    case 'exec':
      return ['exec', namespace, name, containerOfCommand(pod, query)]
    case 'portforward':
      return ['portForward', namespace, name]
    case 'attach':
      throw notServed(
        'pods/attach; use `kubectl logs -f` to see what the pod prints, `kubectl exec` to run a command in it',
      )
    default:
      throw notServed(`pods/${subresource}`)
  }
}

function containerOfCommand(pod: Stored<Pod>, query: URLSearchParams): string {
  if (!['stdin', 'stdout', 'stderr'].some((stream) => isTrue(query.get(stream)))) {
    throw badRequest('you must specify at least 1 of stdin, stdout, stderr')
  }
  if (!query.has('command')) throw badRequest('you must specify a command for the container')
  return containerOf(pod, query.get('container'))
}

function headOf({ method, rawHeaders }: IncomingMessage, path: string, token: string): string {
  const lines = [`${method} ${path} HTTP/1.1`, 'Host: kubelet', `Authorization: Bearer ${token}`]
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const [name = '', value = ''] = rawHeaders.slice(index, index + 2)
    if (!ownHeaders.includes(name.toLowerCase())) lines.push(`${name}: ${value}`)
  }
  return `${lines.join('\r\n')}\r\n\r\n`
}
