import type { IncomingMessage } from 'node:http'
import { type Accept, parseAccept } from './accept.ts'
import { readBytes } from './body.ts'

/** A request, read as far as its head says. */
export interface ApiRequest {
  method: string
  path: string
  query: URLSearchParams
  accept: Accept
  /** The media type of the body, without parameters; `''` when none was sent. */
  contentType: string
  /** What the client calls itself, as in `kubectl/v1.32.0`; `''` when it does not. */
  userAgent: string
  /** The body as text. @throws StatusError 413 */
  text(): Promise<string>
  /** The body as it came. @throws StatusError 413 */
  bytes(): Promise<Buffer>
}

export function readRequest(message: IncomingMessage): ApiRequest {
  const target = message.url ?? '/'
  const mark = target.indexOf('?')
  const path = mark < 0 ? target : target.slice(0, mark)
  return {
    method: message.method ?? 'GET',
    path,
    query: new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1)),
    accept: parseAccept(message.headers.accept),
    contentType: (message.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '',
    userAgent: message.headers['user-agent'] ?? '',
    text: async () => (await readBytes(message)).toString(),
    bytes: () => readBytes(message),
  }
}
