import { STATUS_CODES } from 'node:http'

const longestRequestLine = 16 * 1024
const requestLine = /^[A-Z]+ \S+ HTTP\/1\.[01]$/
const beginOfRequestLine = /^[A-Z]{1,20}( \S*( [HTP/1.]*)?)?$/

/**
 * Whether bytes begin a request of HTTP/1.1; `unknown`: there are too few of them to tell. What is encrypted, HTTP/2 and
 * the body of a request are none.
 */
export function beginsRequest(bytes: Buffer): boolean | 'unknown' {
  const text = bytes.toString('latin1', 0, longestRequestLine)
  const end = text.indexOf('\r\n')
  if (end >= 0) return requestLine.test(text.slice(0, end))
  return bytes.length < longestRequestLine && beginOfRequestLine.test(text) ? 'unknown' : false
}

/** The answer to a request that its server does not get. The connection ends with it. */
export function refusal(status: number): Buffer {
  const body = 'a fault of the lab\n'
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Fault'}`,
    'content-type: text/plain',
    `content-length: ${body.length}`,
    'connection: close',
  ]
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`)
}
