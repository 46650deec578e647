import { get, type IncomingMessage } from 'node:http'
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
 * Asks another service, over a connection of its own: a kept connection would stay with the pod that it once reached,
 * and see nothing of a rollout.
 *
 * @throws when there is no answer in time, or another one than 200.
 */
export function askJson<T>(service: AskedService, path: string, { context, timeoutMs }: AskOptions): Promise<T> {
  const { name, host, port } = service
  return inClientSpan(`ask ${name}`, { host, port, path }, context, async (headers) => {
    const signal = AbortSignal.timeout(timeoutMs)
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      get({ host, port, path, headers, agent: false, signal }, resolve).on('error', reject)
    }).catch((error: Error) => {
      throw signal.aborted ? new Error(`${name} did not answer within ${timeoutMs} ms`) : error
    })
    if (response.statusCode !== 200) {
      response.resume()
      throw new Error(`${name} answered ${response.statusCode}`)
    }
    return (await json(response)) as T
  })
}
