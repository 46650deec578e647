import { createServer, type IncomingMessage } from 'node:http'
import { messageOf } from '../../support/errors.ts'
import { BodyTooLarge, readBody } from '../http/body.ts'
import { closeAtOnce, listen } from '../http/listening.ts'
import { jsonReply, type Reply, replyingWith, textReply } from '../http/reply.ts'
import * as api from './api.ts'
import { BadRequest } from './parameters.ts'
import { EvaluationError } from './promql/errors.ts'

/** An HTTP server that runs. */
export interface RunningServer {
  /** Without a slash at its end. */
  url: string
  close(): Promise<void>
}

const largestFormBytes = 1024 * 1024
const labelValuesPath = /^\/api\/v1\/label\/([^/]+)\/values$/

type Handler = (parameters: URLSearchParams, sources: api.ApiSources) => api.ApiAnswer

const handlers: Record<string, Handler> = {
  '/api/v1/query': api.query,
  '/api/v1/query_range': api.queryRange,
  '/api/v1/series': api.series,
  '/api/v1/labels': api.labelNames,
  '/api/v1/targets': api.targets,
  '/api/v1/metadata': api.metadata,
  '/api/v1/status/buildinfo': api.buildInfo,
}

/** Serves the HTTP API of Prometheus. @throws the listener's error, as EADDRINUSE */
export async function serveApi(sources: api.ApiSources, host: string, port: number): Promise<RunningServer> {
  const server = createServer(replyingWith((request) => answer(request, sources), refusal))
  const boundPort = await listen(server, host, port)
  return { url: `http://${host}:${boundPort}`, close: () => closeAtOnce(server) }
}

async function answer(request: IncomingMessage, sources: api.ApiSources): Promise<Reply> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://lab')
  if (pathname === '/-/ready' || pathname === '/-/healthy') return textReply(200, 'The lab is ready.\n')
  const label = labelValuesPath.exec(pathname)?.[1]
  const handler = label
    ? (parameters: URLSearchParams) => api.labelValues(decodeURIComponent(label), parameters, sources)
    : Object.hasOwn(handlers, pathname) && handlers[pathname]
  if (!handler) return textReply(404, `The lab's metrics server has no ${pathname}.\n`)
  if (request.method !== 'GET' && request.method !== 'POST') return textReply(405, 'Use GET or POST.\n')
  const form = request.method === 'POST' ? (await readBody(request, largestFormBytes)).toString() : ''
  const parameters = new URLSearchParams([...searchParams, ...new URLSearchParams(form)])
  return jsonReply(200, { status: 'success', ...handler(parameters, sources) })
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
