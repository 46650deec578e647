/** The class of the status of an answer. */
export type StatusClass = '2xx' | '3xx' | '4xx' | '5xx'

/**
 * What went wrong where the status does not say it.
 *
 * - `refused`: nobody listened there.
 * - `unreachable`: there is no route to there.
 * - `reset`: the connection was closed or reset before the answer was complete.
 * - `timeout-connect`, `timeout-wait`, `timeout-read`: the users' patience ended while there was no connection, no
 *   status, no complete body.
 * - `dns`, `tls`: the name was not found, the certificate or the handshake was not accepted.
 * - `invalid-response`: what came back is not HTTP.
 * - `unexpected-body`: the status is one that users expect, and the body is not.
 * - `via-proxy`: the API server's service proxy said that it got no answer; whether the connection was refused, reset
 *   or too slow is not known.
 * - `aborted`: the users were stopped while they waited.
 */
export type ErrorKind =
  | 'refused'
  | 'unreachable'
  | 'reset'
  | 'timeout-connect'
  | 'timeout-wait'
  | 'timeout-read'
  | 'dns'
  | 'tls'
  | 'invalid-response'
  | 'unexpected-body'
  | 'via-proxy'
  | 'aborted'

/** What became of a request that was sent. */
export type SentOutcome = StatusClass | ErrorKind

/** What became of a planned request. `dropped`: it was not sent, because it could not be sent in time. */
export type Outcome = SentOutcome | 'dropped'

/**
 * How far a request had come when it ended: waiting for a connection (and its TLS handshake), for the status, or for the
 * rest of the answer.
 */
export type RequestStage = 'connecting' | 'waiting' | 'reading'

/** The outcome of a request whose answer was not complete when the users' patience ended. */
export const timeoutIn: Readonly<Record<RequestStage, SentOutcome>> = {
  connecting: 'timeout-connect',
  waiting: 'timeout-wait',
  reading: 'timeout-read',
}

/** The outcome of a final answer (a status from 200 on). */
export function outcomeOfStatus(status: number): SentOutcome {
  if (status < 300) return '2xx'
  if (status < 400) return '3xx'
  if (status < 500) return '4xx'
  return status < 600 ? '5xx' : 'invalid-response'
}

/**
 * Whether there was an answer, or the users have waited for one as long as they do: what latency is known of. A
 * connection that is refused at once is no quick answer.
 */
export function hasLatency(outcome: Outcome): boolean {
  return timed.has(outcome)
}

const timed: ReadonlySet<Outcome> = new Set<Outcome>([
  ...(['2xx', '3xx', '4xx', '5xx', 'unexpected-body'] as const),
  ...Object.values(timeoutIn),
])

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

/** Whether a request cannot be sent as it is: undici's word on methods, headers and lengths that HTTP does not know. */
export function isMistakeOfCaller(error: Error): boolean {
  return 'code' in error && mistakesOfCaller.has(error.code)
}

const mistakesOfCaller: ReadonlySet<unknown> = new Set([
  'UND_ERR_INVALID_ARG',
  'UND_ERR_NOT_SUPPORTED',
  'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH',
])

/** The outcome of a request that ended with an error of a socket, of the resolver, of TLS or of the HTTP parser. */
export function outcomeOfError(error: Error, stage: RequestStage, isSecure: boolean): SentOutcome | 'dropped' {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (ownLimits.has(code)) return 'dropped'
  if (code === 'ETIMEDOUT' || code === 'UND_ERR_CONNECT_TIMEOUT') return timeoutIn[stage]
  if (code === 'UND_ERR_SOCKET' && answeredOutOfTurn(error)) return 'invalid-response'
  // Before there is a body, its length cannot be missed: the parser has stumbled over the head.
  if (code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH' && stage === 'waiting') return 'invalid-response'
  const known = outcomesByCode[code]
  if (known) return known
  if (error.name === 'HTTPParserError') return endedInside(error) ? 'reset' : 'invalid-response'
  if ('syscall' in error && error.syscall === 'getaddrinfo') return 'dns'
  // What is left of a handshake are the many codes of TLS and of X.509.
  return isSecure && stage === 'connecting' ? 'tls' : 'reset'
}

/** undici's words for a `100 Continue` or an upgrade that nobody asked for. */
function answeredOutOfTurn(error: Error): boolean {
  return error.message === 'bad response' || error.message === 'bad upgrade'
}

/** The parser's words for a connection that ended before the last chunk. */
function endedInside(error: Error): boolean {
  return error.message.includes('Invalid EOF state')
}
