import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { messageOf } from '../../support/errors.ts'
import * as api from './api.ts'
import { BadRequest } from './parameters.ts'

/** An HTTP server that runs. */
export interface RunningServer {
  /** Without a slash at its end. */
  url: string
  close(): Promise<void>
}

const LARGEST_FORM_BYTES = 1024 * 1024
const LABEL_VALUES = /^\/api\/v1\/label\/([^/]+)\/values$/

type Handler = (parameters: URLSearchParams, sources: api.ApiSources) => unknown

const handlers: Record<string, Handler> = {
  '/api/v1/query': api.query,
  '/api/v1/query_range': api.queryRange,
  '/api/v1/series': api.series,
  '/api/v1/labels': api.labelNames,
  '/api/v1/targets': (_, sources) => api.targets(sources),
  '/api/v1/status/buildinfo': api.buildInfo,
}

/** Serves the HTTP API of Prometheus. @throws the listener's error, as EADDRINUSE */
export async function serveApi(sources: api.ApiSources, host: string, port: number): Promise<RunningServer> {
  const server = createServer((request, response) => {
    answer(request, sources).then(
      (reply) => send(response, reply),
      (error) => send(response, refusal(error)),
    )
  })
  server.listen(port, host)
  await once(server, 'listening')
  const address = server.address()
  const boundPort = typeof address === 'object' && address ? address.port : port
  return {
    url: `http://${host}:${boundPort}`,
    close: async () => {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

interface Reply {
  status: number
  contentType: string
  body: string
}

async function answer(request: IncomingMessage, sources: api.ApiSources): Promise<Reply> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://lab')
  if (pathname === '/-/ready' || pathname === '/-/healthy') return text(200, 'The lab is ready.\n')
  const label = LABEL_VALUES.exec(pathname)?.[1]
  const handler = label
    ? (parameters: URLSearchParams) => api.labelValues(decodeURIComponent(label), parameters, sources)
    : Object.hasOwn(handlers, pathname) && handlers[pathname]
  if (!handler) return text(404, `The lab's metrics server has no ${pathname}.\n`)
  if (request.method !== 'GET' && request.method !== 'POST') return text(405, 'Use GET or POST.\n')
  const form = request.method === 'POST' ? await readForm(request) : ''
  const parameters = new URLSearchParams([...searchParams, ...new URLSearchParams(form)])
  return json(200, { status: 'success', data: handler(parameters, sources) })
}

async function readForm(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request) {
    bytes += chunk.length
    if (bytes > LARGEST_FORM_BYTES) throw new BadRequest('the form is larger than 1 MiB')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

function refusal(error: unknown): Reply {
  const bad = error instanceof BadRequest || error instanceof URIError
  return json(bad ? 400 : 500, {
    status: 'error',
    errorType: bad ? 'bad_data' : 'internal',
    error: messageOf(error),
  })
}

function json(status: number, body: object): Reply {
  return { status, contentType: 'application/json', body: JSON.stringify(body) }
}

function text(status: number, body: string): Reply {
  return { status, contentType: 'text/plain; charset=utf-8', body }
}

function send(response: ServerResponse, { status, contentType, body }: Reply): void {
  response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(body) }).end(body)
}
