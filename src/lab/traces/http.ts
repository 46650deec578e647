import type { IncomingMessage, ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { messageOf } from '../../support/errors.ts'
import { OtlpError, type TracesData, tracesFromJson } from './otlp.ts'
import { tracesFromProtobuf } from './otlp-protobuf.ts'
import type { TraceStore } from './store.ts'

const LARGEST_REQUEST_BYTES = 4 * 1024 * 1024
const LARGEST_UNZIPPED_BYTES = 4 * LARGEST_REQUEST_BYTES
const JSON_TYPE = 'application/json'
const PROTOBUF_TYPE = 'application/x-protobuf'
const ONE_TRACE = /^\/v1\/traces\/([\da-fA-F]{32})$/

const unzip = promisify(gunzip)

/** Answers a request to the receiver. Never throws. */
export function handleRequest(request: IncomingMessage, response: ServerResponse, store: TraceStore): void {
  answer(request, store).then(
    (reply) => send(response, reply),
    (error) => send(response, refusal(error)),
  )
}

interface Reply {
  status: number
  contentType: string
  body: string
}

class TooLarge extends Error {}

async function answer(request: IncomingMessage, store: TraceStore): Promise<Reply> {
  const { pathname } = new URL(request.url ?? '/', 'http://lab')
  const route = `${request.method} ${pathname}`
  const traceId = request.method === 'GET' ? ONE_TRACE.exec(pathname)?.[1] : undefined
  if (traceId) return traceReply(store.trace(traceId))
  switch (route) {
    case 'POST /v1/traces':
      return receive(request, store)
    case 'GET /v1/traces':
      return json(200, store.all())
    case 'POST /v1/metrics':
    case 'POST /v1/logs':
      await bodyOf(request)
      return accepted(request)
    default:
      return json(404, { message: `the lab's trace receiver has no ${route}` })
  }
}

function traceReply(trace: TracesData | undefined): Reply {
  return trace ? json(200, trace) : json(404, { message: 'there is no span of that trace' })
}

async function receive(request: IncomingMessage, store: TraceStore): Promise<Reply> {
  const body = await bodyOf(request)
  const type = mediaType(request)
  if (type !== JSON_TYPE && type !== PROTOBUF_TYPE) {
    return json(415, { message: `send ${JSON_TYPE} or ${PROTOBUF_TYPE}, not ${JSON.stringify(type)}` })
  }
  store.add(type === JSON_TYPE ? tracesFromJson(body.toString('utf8')) : tracesFromProtobuf(body))
  return accepted(request)
}

/** An empty response message, in the encoding of the request. */
function accepted(request: IncomingMessage): Reply {
  return mediaType(request) === PROTOBUF_TYPE ? { status: 200, contentType: PROTOBUF_TYPE, body: '' } : json(200, {})
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request) {
    bytes += chunk.length
    if (bytes > LARGEST_REQUEST_BYTES) throw new TooLarge()
    chunks.push(chunk)
  }
  const body = Buffer.concat(chunks)
  return request.headers['content-encoding'] === 'gzip' ? unzipped(body) : body
}

async function unzipped(body: Buffer): Promise<Buffer> {
  try {
    return await unzip(body, { maxOutputLength: LARGEST_UNZIPPED_BYTES })
  } catch (error) {
    throw new OtlpError(`the body is not gzip, or too large: ${messageOf(error)}`, { cause: error })
  }
}

function mediaType(request: IncomingMessage): string {
  return (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
}

function refusal(error: unknown): Reply {
  if (error instanceof TooLarge) return json(413, { message: 'the request is larger than 4 MiB' })
  return json(error instanceof OtlpError ? 400 : 500, { message: messageOf(error) })
}

function json(status: number, body: object): Reply {
  return { status, contentType: JSON_TYPE, body: JSON.stringify(body) }
}

function send(response: ServerResponse, { status, contentType, body }: Reply): void {
  response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(body) }).end(body)
}
