import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Cluster } from '../resources/resource.ts'
import { internalError, StatusError } from '../status.ts'
import { type Answer, jsonAnswer } from './answer.ts'
import { dispatch } from './dispatch.ts'
import { encodeAnswer } from './encode.ts'
import type { ApiFaults } from './faults.ts'
import type { Guard } from './guard.ts'
import { type ApiRequest, readRequest } from './request.ts'

export interface HandlerOptions {
  cluster: Cluster
  guard: Guard
  faults: ApiFaults
  /** `address:port` */
  host: string
}

/** What the server does with a request: every one gets an answer, whatever is wrong with it. */
export function requestHandler(options: HandlerOptions): (message: IncomingMessage, response: ServerResponse) => void {
  return (message, response) => {
    answer(message, response, options).catch((error: unknown) => refuse(response, error))
  }
}

async function answer(message: IncomingMessage, response: ServerResponse, options: HandlerOptions): Promise<void> {
  options.guard(message)
  const request = readRequest(message)
  await options.faults.suffer(request, response)
  if (response.destroyed) return
  const result = await dispatch(options.cluster, request, options.host)
  if (response.destroyed) return
  if (result.form === 'stream') {
    result.start(response)
    options.faults.follow(request, response)
  } else send(result, request, response, options.cluster.clock.now())
}

type FiniteAnswer = Exclude<Answer, { form: 'stream' }>

function send(result: FiniteAnswer, request: ApiRequest, response: ServerResponse, nowMs: number): void {
  if (result.form === 'document') {
    write(response, result.code, result.contentType, result.body)
    return
  }
  const code = result.form === 'object' ? result.code : 200
  write(response, code, 'application/json', encodeAnswer(result, request, nowMs))
}

function refuse(response: ServerResponse, error: unknown): void {
  if (response.headersSent || response.destroyed) {
    response.destroy()
    return
  }
  const refusal = error instanceof StatusError ? error : internalError(error)
  const { code, contentType, body } = jsonAnswer(refusal.toStatus(), refusal.code)
  write(response, code, contentType, body, refusal.headers)
}

function write(
  response: ServerResponse,
  code: number,
  contentType: string,
  body: string | Buffer,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(code, { 'content-type': contentType, 'content-length': Buffer.byteLength(body), ...headers })
  response.end(body)
}
