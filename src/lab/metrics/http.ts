import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { messageOf } from '../../support/errors.ts'
import { BodyTooLarge, readBody } from '../http/body.ts'
import { closeAtOnce, listen } from '../http/listening.ts'
import { jsonReply, type Reply, replyingWith, textReply } from '../http/reply.ts'
import * as api from './api.ts'
import { BadRequest } from './parameters.ts'
import { EvaluationError } from './promql/errors.ts'
import { JsonText } from './views.ts'

/** An HTTP server that runs. */
export interface RunningServer {
  /** Without a slash at its end. */
  url: string
  close(): Promise<void>
}

/** Where to listen; port 0 is any that is free. */
export interface ListenAddress {
  host: string
  port: number
}

/** As long as Prometheus keeps a connection that is idle. */
const idleConnectionMs = 5 * 60_000
const largestFormBytes = 1024 * 1024
const labelValuesPath = /^\/api\/v1\/label\/([^/]+)\/values$/

type Handler<Sources> = (parameters: URLSearchParams, sources: Sources) => api.ApiAnswer

/** What only the scraper knows: a Prometheus that is written to has neither targets nor metadata. */
const targetHandlers: Record<string, Handler<api.TargetSources>> = {
  '/api/v1/targets': api.targets,
  '/api/v1/metadata': api.metadata,
}

const handlers: Record<string, Handler<api.ApiSources>> = {
  '/api/v1/query': api.query,
  '/api/v1/query_range': api.queryRange,
  '/api/v1/series': api.series,
  '/api/v1/labels': api.labelNames,
  '/api/v1/status/buildinfo': api.buildInfo,
  ...targetHandlers,
}

/** Serves the HTTP API of Prometheus. @throws the listener's error, as EADDRINUSE */
export function serveApi(sources: api.ApiSources, host: string, port: number): Promise<RunningServer> {
  const find = (pathname: string): Handler<api.ApiSources> | undefined => {
    const label = labelValuesPath.exec(pathname)?.[1]
    if (label) return (parameters) => api.labelValues(decodeURIComponent(label), parameters, sources)
    return Object.hasOwn(handlers, pathname) ? handlers[pathname] : undefined
  }
  return serve(
    replyingWith((request) => answer(request, find, sources), refusal),
    { host, port },
  )
}

/**
 * Serves the HTTP API of another Prometheus, and what is known of targets here.
 *
 * @throws the listener's error, as EADDRINUSE
 */
export function serveInFrontOf(
  other: { forward(request: IncomingMessage, response: ServerResponse): Promise<void> },
  sources: api.TargetSources,
  address: ListenAddress,
): Promise<RunningServer> {
  const find = (pathname: string) => (Object.hasOwn(targetHandlers, pathname) ? targetHandlers[pathname] : undefined)
  const own = replyingWith((request) => answer(request, find, sources), refusal)
  return serve((request, response) => {
    if (find(pathOf(request).pathname)) own(request, response)
    else void other.forward(request, response)
  }, address)
}

async function serve(listener: RequestListener, { host, port }: ListenAddress): Promise<RunningServer> {
  // Who asks now and then, as Grafana does, must not find the connection closed just when it asks again.
  const server = createServer({ keepAliveTimeout: idleConnectionMs }, listener)
  const boundPort = await listen(server, host, port)
  return { url: `http://${host}:${boundPort}`, close: () => closeAtOnce(server) }
}

function pathOf(request: IncomingMessage): URL {
  return new URL(request.url ?? '/', 'http://lab')
}

async function answer<Sources>(
  request: IncomingMessage,
  find: (pathname: string) => Handler<Sources> | undefined,
  sources: Sources,
): Promise<Reply> {
  const { pathname, searchParams } = pathOf(request)
  if (pathname === '/-/ready' || pathname === '/-/healthy') return textReply(200, 'The lab is ready.\n')
  const handler = find(pathname)
  if (!handler) return textReply(404, `The lab's metrics server has no ${pathname}.\n`)
  if (request.method !== 'GET' && request.method !== 'POST') return textReply(405, 'Use GET or POST.\n')
  const form = request.method === 'POST' ? (await readBody(request, largestFormBytes)).toString() : ''
  const parameters = new URLSearchParams([...searchParams, ...new URLSearchParams(form)])
  return success(handler(parameters, sources))
}

function success({ data, ...annotations }: api.ApiAnswer): Reply {
  if (!(data instanceof JsonText)) return jsonReply(200, { status: 'success', data, ...annotations })
  const more = JSON.stringify(annotations).slice(1, -1)
  const body = `{"status":"success","data":${data.text}${more === '' ? '' : `,${more}`}}`
  return { status: 200, contentType: 'application/json', body }
}

function refusal(error: unknown): Reply {
  const { status, errorType } = kindOf(error)
  return jsonReply(status, { status: 'error', errorType, error: messageOf(error) })
}

function kindOf(error: unknown): { status: number; errorType: string } {
  if ([BadRequest, BodyTooLarge, URIError].some((kind) => error instanceof kind)) {
    return { status: 400, errorType: 'bad_data' }
  }
  if (error instanceof EvaluationError) return { status: 422, errorType: 'execution' }
  return { status: 500, errorType: 'internal' }
}
