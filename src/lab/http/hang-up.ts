import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'

/** Answers, on its bare socket, a request that is no longer an HTTP request or never was one, and hangs up. */
export function answerAndHangUp(socket: Duplex, code: number, body: string, contentType = 'text/plain'): void {
  const head = [
    `HTTP/1.1 ${code} ${STATUS_CODES[code] ?? ''}`,
    `Content-Type: ${contentType}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}
