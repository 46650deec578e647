import type { IncomingMessage, RequestListener } from 'node:http'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { messageOf } from '../../support/errors.ts'
import { BodyTooLarge, readBody } from '../http/body.ts'
import { jsonReply, type Reply, replyingWith } from '../http/reply.ts'
import { OtlpError, type TracesData, tracesFromJson } from './otlp.ts'
import { tracesFromProtobuf } from './otlp-protobuf.ts'
import type { TraceStore } from './store.ts'
import { tracesFromZipkin } from './zipkin.ts'

const largestRequestBytes = 4 * 1024 * 1024
const largestUnzippedBytes = 4 * largestRequestBytes
const jsonType = 'application/json'
const protobufType = 'application/x-protobuf'
const oneTracePath = /^\/v1\/traces\/([\da-fA-F]{32})$/

const unzip = promisify(gunzip)

/** Answers requests to the receiver. */
export function traceListener(store: TraceStore): RequestListener {
  return replyingWith((request) => answer(request, store), refusal)
}

async function answer(request: IncomingMessage, store: TraceStore): Promise<Reply> {
  const { pathname } = new URL(request.url ?? '/', 'http://lab')
  const route = `${request.method} ${pathname}`
  const traceId = request.method === 'GET' ? oneTracePath.exec(pathname)?.[1] : undefined
  if (traceId) return traceReply(store.trace(traceId))
  switch (route) {
    case 'POST /v1/traces':
      return receive(request, store)
    case 'POST /api/v2/spans':
      store.add(tracesFromZipkin((await bodyOf(request)).toString('utf8')))
      return { status: 202, contentType: jsonType, body: '' }
    case 'GET /v1/traces':
      return jsonReply(200, store.all())
    case 'POST /v1/metrics':
    case 'POST /v1/logs':
      await bodyOf(request)
      return accepted(request)
    default:
      return jsonReply(404, { message: `the lab's trace receiver has no ${route}` })
  }
}

function traceReply(trace: TracesData | undefined): Reply {
  return trace ? jsonReply(200, trace) : jsonReply(404, { message: 'there is no span of that trace' })
}

async function receive(request: IncomingMessage, store: TraceStore): Promise<Reply> {
  const body = await bodyOf(request)
  const type = mediaType(request)
  if (type !== jsonType && type !== protobufType) {
    return jsonReply(415, { message: `send ${jsonType} or ${protobufType}, not ${JSON.stringify(type)}` })
  }
  store.add(type === jsonType ? tracesFromJson(body.toString('utf8')) : tracesFromProtobuf(body))
  return accepted(request)
}

/** An empty response message, in the encoding of the request. */
function accepted(request: IncomingMessage): Reply {
  return mediaType(request) === protobufType ? { status: 200, contentType: protobufType, body: '' } : jsonReply(200, {})
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const body = await readBody(request, largestRequestBytes)
  return request.headers['content-encoding'] === 'gzip' ? unzipped(body) : body
}

async function unzipped(body: Buffer): Promise<Buffer> {
  try {
    return await unzip(body, { maxOutputLength: largestUnzippedBytes })
  } catch (error) {
    throw new OtlpError(`the body is not gzip, or too large: ${messageOf(error)}`, { cause: error })
  }
}

function mediaType(request: IncomingMessage): string {
  return (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
}

function refusal(error: unknown): Reply {
  if (error instanceof BodyTooLarge) return jsonReply(413, { message: messageOf(error) })
  return jsonReply(error instanceof OtlpError ? 400 : 500, { message: messageOf(error) })
}
