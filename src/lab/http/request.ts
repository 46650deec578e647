import { once } from 'node:events'
import type { ClientRequest, IncomingMessage } from 'node:http'

/**
 * Sends a request, and resolves with its answer as soon as the head of it is there. What breaks the connection later is
 * an error of reading the answer.
 *
 * @throws the error of the connection, or an AbortError
 */
export async function answerTo(request: ClientRequest, body?: string | Uint8Array): Promise<IncomingMessage> {
  request.on('error', () => {})
  request.end(body)
  const [answer] = await once(request, 'response')
  return answer
}
