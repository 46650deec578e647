/** The class of the status of an answer. */
export type StatusClass = '2xx' | '3xx' | '4xx' | '5xx'

/**
 * Why there was no answer.
 *
 * - `refused`: nobody listened there.
 * - `unreachable`: there is no route to there.
 * - `reset`: the connection was closed or reset before the answer was complete.
 * - `timeout-connect`: there was no connection when the users' patience ended; `timeout`: no complete answer.
 * - `dns`, `tls`: the name was not found, the certificate or the handshake was not accepted.
 * - `invalid-response`: what came back is not HTTP.
 * - `aborted`: the users were stopped while they waited.
 */
export type ErrorKind =
  | 'refused'
  | 'unreachable'
  | 'reset'
  | 'timeout-connect'
  | 'timeout'
  | 'dns'
  | 'tls'
  | 'invalid-response'
  | 'aborted'

/** What became of a request that was sent. */
export type SentOutcome = StatusClass | ErrorKind

/** What became of a planned request. `dropped`: it was not sent, because it could not be sent in time. */
export type Outcome = SentOutcome | 'dropped'

/** How far a request had come when it ended: waiting for a connection (and its TLS handshake), or written to it. */
export type RequestStage = 'connecting' | 'connecting-tls' | 'sent'

/** The outcome of a final answer (a status from 200 on). */
export function outcomeOfStatus(status: number): SentOutcome {
  if (status < 300) return '2xx'
  if (status < 400) return '3xx'
  if (status < 500) return '4xx'
  return status < 600 ? '5xx' : 'invalid-response'
}

/** Whether there was an answer, or the users have waited for one as long as they do: what latency is known of. */
export function hasLatency(outcome: Outcome): boolean {
  return outcome.endsWith('xx') || outcome === 'timeout' || outcome === 'timeout-connect'
}

/** Where this machine had no socket, port or memory left: the request was never sent, and says nothing of the system. */
const ownLimits = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EADDRNOTAVAIL'])

const outcomesByCode: Readonly<Record<string, SentOutcome>> = {
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  EACCES: 'unreachable',
  EPERM: 'unreachable',
  ECONNRESET: 'reset',
  ECONNABORTED: 'reset',
  EPIPE: 'reset',
  UND_ERR_SOCKET: 'reset',
  UND_ERR_INFO: 'reset',
  // The connection ended inside an answer whose length was known.
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'reset',
  UND_ERR_HEADERS_OVERFLOW: 'invalid-response',
}

/** The outcome of a request that ended with an error of a socket, of the resolver, of TLS or of the HTTP parser. */
export function outcomeOfError(error: Error, stage: RequestStage): SentOutcome | 'dropped' {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (ownLimits.has(code)) return 'dropped'
  if (code === 'ETIMEDOUT' || code === 'UND_ERR_CONNECT_TIMEOUT')
    return stage === 'sent' ? 'timeout' : 'timeout-connect'
  if (code === 'UND_ERR_SOCKET' && answeredOutOfTurn(error)) return 'invalid-response'
  const known = outcomesByCode[code]
  if (known) return known
  if (error.name === 'HTTPParserError') return endedInside(error) ? 'reset' : 'invalid-response'
  if ('syscall' in error && error.syscall === 'getaddrinfo') return 'dns'
  // What is left of a handshake are the many codes of TLS and of X.509.
  return stage === 'connecting-tls' ? 'tls' : 'reset'
}

/** undici's words for a `100 Continue` or an upgrade that nobody asked for. */
function answeredOutOfTurn(error: Error): boolean {
  return error.message === 'bad response' || error.message === 'bad upgrade'
}

/** The parser's words for a connection that ended before the last chunk. */
function endedInside(error: Error): boolean {
  return error.message.includes('Invalid EOF state')
}
