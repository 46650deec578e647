import type { IncomingMessage } from 'node:http'
import { bearerCheck } from '../../http/bearer.ts'
import { StatusError } from '../status.ts'

export type Guard = (message: IncomingMessage) => void

/**
 * Lets through only who has the token and came by the server's own address: the token, because the lab runs commands;
 * the address, because a web page can make its own host name mean this machine.
 * @param host `address:port`
 */
export function guardFor(host: string, token: string): Guard {
  const isAuthorized = bearerCheck(token)
  return (message) => {
    const given = message.headers.host
    if (given !== host) {
      throw new StatusError(
        421,
        'MisdirectedRequest',
        `this server is ${host}; a request for the host ${JSON.stringify(given ?? '')} is not for it`,
        {},
      )
    }
    if (!isAuthorized(message)) throw new StatusError(401, 'Unauthorized', 'Unauthorized')
  }
}
