import type { Duplex } from 'node:stream'
import { answerAndHangUp } from '../../http/hang-up.ts'
import { badRequest, StatusError } from '../status.ts'

/** Answers what is no HTTP, or more of it than is read. */
export function refuseUnreadable(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const refusal = refusalOf(error)
  answerAndHangUp(socket, refusal.code, JSON.stringify(refusal.toStatus()), 'application/json')
}

function refusalOf({ code, message }: NodeJS.ErrnoException): StatusError {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new StatusError(431, 'RequestEntityTooLarge', 'the head of the request is larger than 16 KiB')
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new StatusError(408, 'Timeout', 'the request did not arrive in time')
    default:
      return badRequest(`the request is no HTTP: ${message}`)
  }
}
