import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { messageOf } from '../../support/errors.ts'
import { bearerCheck } from '../http/bearer.ts'
import { send, textReply } from '../http/reply.ts'
import { type LogOptions, type RunLog, readLog } from './log-reader.ts'

/** Which container. */
export interface ContainerName {
  namespace: string
  pod: string
  container: string
}

/** Which run of which container. */
export interface LogName extends ContainerName {
  /** The run before the present one. */
  previous: boolean
}

/** A log that there is not: what a person reads. */
export class NoLog extends Error {
  override readonly name = 'NoLog'
}

export interface LogServerOptions {
  /** Whoever asks must bear it. */
  token: string
  /** @throws NoLog */
  find(name: LogName): RunLog
}

/** What a kubelet of Kubernetes has and this one has not: its logs are files that the programs write themselves. */
const unsupported = ['timestamps', 'sinceSeconds', 'sinceTime']

/** Serves `GET /containerLogs/<namespace>/<pod>/<container>`, as the kubelet of Kubernetes does, to the API server. */
export function serveLogs(options: LogServerOptions): RequestListener {
  const isAuthorized = bearerCheck(options.token)
  return (request, response) => {
    if (!isAuthorized(request)) send(response, textReply(401, 'Unauthorized'))
    else answer(request, response, options).catch((error) => refuse(response, error))
  }
}

async function answer(request: IncomingMessage, response: ServerResponse, { find }: LogServerOptions): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://kubelet')
  const [, root, namespace = '', pod = '', container = '', ...more] = pathname.split('/').map(decodeURIComponent)
  if (root !== 'containerLogs' || more.length > 0) throw new NoLog(`the kubelet of the lab does not serve ${pathname}`)
  const options = logOptions(searchParams)
  const log = find({ namespace, pod, container, previous: searchParams.get('previous') === 'true' })
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' })
  response.flushHeaders()
  await pipeline(Readable.from(readLog(log, options)), response)
}

function logOptions(query: URLSearchParams): LogOptions {
  const refused = unsupported.find((name) => query.has(name) && query.get(name) !== 'false')
  if (refused) throw new NoLog(`the lab keeps no times of the lines of a log: it cannot serve ${refused}`)
  return {
    follow: query.get('follow') === 'true',
    tailLines: wholeNumber(query, 'tailLines'),
    limitBytes: wholeNumber(query, 'limitBytes'),
  }
}

function wholeNumber(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)
  if (text === null) return undefined
  if (!/^\d+$/.test(text)) throw new NoLog(`${name} must be a whole number, and is ${JSON.stringify(text)}`)
  return Number(text)
}

/** A client that is gone hears nothing. */
function refuse(response: ServerResponse, error: unknown): void {
  if (response.headersSent) response.destroy()
  else send(response, textReply(error instanceof NoLog ? 400 : 500, messageOf(error)))
}
