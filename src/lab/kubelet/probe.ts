import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { connect } from 'node:net'
import type { Container, HTTPGetAction, Probe } from 'kubernetes-types/core/v1.d.ts'
import { messageOf } from '../../support/errors.ts'
import { loopbackAddress } from '../addresses.ts'

export interface ProbeOutcome {
  healthy: boolean
  /** What a person reads when it is not healthy. */
  message: string
}

/** What a probe is aimed at. */
export interface ProbeTarget {
  /** The pod's address as the API shows it. */
  podIP: string
  container: Container
  /** Runs a command in the container; kills it when the signal aborts. Resolves with its exit code. */
  execute(command: readonly string[], signal: AbortSignal): Promise<number>
}

/** What a probe, or a life-cycle hook, can be. */
export type ProbeAction = Pick<Probe, 'exec' | 'httpGet' | 'tcpSocket' | 'grpc'>

const maxRedirects = 10
const maxBodyBytes = 10 * 1024

/** Takes one probe, until the signal aborts. Never rejects: whatever goes wrong is an unhealthy outcome. */
export async function takeProbe(action: ProbeAction, target: ProbeTarget, signal: AbortSignal): Promise<ProbeOutcome> {
  try {
    if (action.httpGet) return await probeHttp(action.httpGet, target, signal)
    if (action.tcpSocket) return await probeTcp(action.tcpSocket, target, signal)
    if (action.exec) return await probeCommand(action.exec.command ?? [], target, signal)
    return unhealthy(`the lab has no probes of the kind ${Object.keys(action).join(', ')}`)
  } catch (error) {
    return unhealthy(messageOf(error))
  }
}

/** The number of a port that may be given by the name it has in the container. */
function portNumber(port: number | string, container: Container): number {
  if (typeof port === 'number') return port
  const named = container.ports?.find(({ name }) => name === port)?.containerPort
  if (named === undefined && !/^\d+$/.test(port))
    throw new Error(`couldn't find port: "${port}" in container ${container.name}`)
  return named ?? Number(port)
}

const healthy: ProbeOutcome = { healthy: true, message: '' }

function unhealthy(message: string): ProbeOutcome {
  return { healthy: false, message }
}

/** A status of 200 to 399 is healthy; a redirect is followed on the same host, and healthy when it leads elsewhere. */
async function probeHttp(action: HTTPGetAction, target: ProbeTarget, signal: AbortSignal): Promise<ProbeOutcome> {
  const scheme = (action.scheme ?? 'HTTP').toLowerCase()
  const port = portNumber(action.port, target.container)
  const path = action.path ?? '/'
  let url = new URL(`${scheme}://${action.host ?? target.podIP}:${port}${path.startsWith('/') ? path : `/${path}`}`)
  const headers = { 'user-agent': 'kube-probe/1.20', accept: '*/*', connection: 'close', ...headersOf(action) }
  for (let redirects = 0; redirects <= maxRedirects; redirects++) {
    const { status, location } = await getOnce(url, headers, signal)
    if (status < 200 || status >= 400) return unhealthy(`HTTP probe failed with statuscode: ${status}`)
    if (status < 300 || location === undefined) return healthy
    const next = new URL(location, url)
    if (next.hostname !== url.hostname) return healthy
    url = next
  }
  return unhealthy(`Get "${url}": stopped after ${maxRedirects} redirects`)
}

function headersOf(action: HTTPGetAction): Record<string, string> {
  return Object.fromEntries((action.httpHeaders ?? []).map(({ name, value }) => [name.toLowerCase(), value]))
}

interface Answer {
  status: number
  location: string | undefined
}

function getOnce(url: URL, headers: Record<string, string>, signal: AbortSignal): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const options = { host: loopbackAddress(url.hostname), port: url.port, path: url.pathname + url.search }
  const shared = { ...options, headers: { host: url.host, ...headers }, agent: false, signal }
  const fail = (error: unknown) => {
    const reason = signal.aborted ? 'context deadline exceeded (Client.Timeout exceeded)' : dialProblem(error, url.host)
    reject(new Error(`Get "${url}": ${reason}`))
  }
  const onAnswer = async (answer: IncomingMessage) => {
    try {
      await readStart(answer)
      resolve({ status: answer.statusCode ?? 0, location: answer.headers.location })
    } catch (error) {
      fail(error)
    }
  }
  const request =
    url.protocol === 'https:'
      ? httpsRequest({ ...shared, rejectUnauthorized: false }, onAnswer)
      : httpRequest(shared, onAnswer)
  request.on('error', fail)
  request.end()
  return promise
}

/** Reads the body, or as much of it as the kubelet does. */
async function readStart(answer: AsyncIterable<Uint8Array>): Promise<void> {
  let length = 0
  for await (const chunk of answer) {
    length += chunk.length
    if (length >= maxBodyBytes) return
  }
}

async function probeTcp(
  action: NonNullable<ProbeAction['tcpSocket']>,
  target: ProbeTarget,
  signal: AbortSignal,
): Promise<ProbeOutcome> {
  const port = portNumber(action.port, target.container)
  const host = action.host ?? target.podIP
  const socket = connect({ host: loopbackAddress(host), port })
  try {
    await once(socket, 'connect', { signal })
    return healthy
  } catch (error) {
    const address = `${host}:${port}`
    return unhealthy(signal.aborted ? `dial tcp ${address}: i/o timeout` : dialProblem(error, address))
  } finally {
    socket.on('error', () => {})
    socket.destroy()
  }
}

/** In the words of the kubelet, with the address that the API shows and not the one on this machine. */
function dialProblem(error: unknown, address: string): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ECONNREFUSED') return `dial tcp ${address}: connect: connection refused`
  if (code === 'ECONNRESET') return `read tcp ${address}: read: connection reset by peer`
  return messageOf(error)
}

async function probeCommand(
  command: readonly string[],
  target: ProbeTarget,
  signal: AbortSignal,
): Promise<ProbeOutcome> {
  const exitCode = await target.execute(command, signal)
  if (signal.aborted) return unhealthy(`command "${command.join(' ')}" timed out`)
  return exitCode === 0 ? healthy : unhealthy(`command "${command.join(' ')}" exited with code ${exitCode}`)
}
