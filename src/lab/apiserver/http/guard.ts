import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { StatusError } from '../status.ts'

export type Guard = (message: IncomingMessage) => void

/**
 * Lets through only who has the token and came by the server's own address: the token, because the lab runs commands;
 * the address, because a web page can make its own host name mean this machine.
 * @param host `address:port`
 */
export function guardFor(host: string, token: string): Guard {
  const wanted = digest(`Bearer ${token}`)
  return ({ headers }) => {
    if (headers.host !== host) {
      throw new StatusError(
        421,
        'MisdirectedRequest',
        `this server is ${host}; a request for the host ${JSON.stringify(headers.host ?? '')} is not for it`,
        {},
      )
    }
    if (!timingSafeEqual(digest(headers.authorization ?? ''), wanted)) {
      throw new StatusError(401, 'Unauthorized', 'Unauthorized')
    }
  }
}

/** All of the same length, whatever was sent. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
