import { get, type IncomingMessage, type RequestOptions } from 'node:http'
import { json } from 'node:stream/consumers'
import type { Context } from '@opentelemetry/api'
import { inClientSpan } from './telemetry.ts'

export interface AskedService {
  name: string
  host: string
  port: number
}

export interface AskOptions {
  context: Context
  timeoutMs: number
}

/**
 * Asks another service for JSON, over a connection of its own: a kept connection would stay with the pod that it once
 * reached, and see nothing of a rollout.
 *
 * @throws when there is no answer in time, or another one than 200.
 */
export function askJson(service: AskedService, path: string, { context, timeoutMs }: AskOptions): Promise<unknown> {
  const { name, host, port } = service
  return inClientSpan(`ask ${name}`, { host, port, path }, context, async (headers) => {
    const signal = AbortSignal.timeout(timeoutMs)
    try {
      const response = await send({ host, port, path, headers, agent: false, signal })
      if (response.statusCode === 200) return await json(response)
      response.resume()
      throw new Error(`${name} answered ${response.statusCode}`)
    } catch (error) {
      throw signal.aborted ? new Error(`${name} did not answer within ${timeoutMs} ms`) : error
    }
  })
}

function send(request: RequestOptions): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(request, resolve).on('error', reject)
  })
}
