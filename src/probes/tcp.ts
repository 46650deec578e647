import { currentSession } from '../session/session.ts'
import { usageError } from '../support/errors.ts'
import { type Reachability, reach } from '../support/reach.ts'

/**
 * Whether something takes TCP connections at an address: `connected`, `refused` or `unreachable`.
 *
 * @param address `host:port`, as `'127.0.0.1:5432'` or `'[::1]:5432'`
 * @throws CHAOS_BAD_ADDRESS (usage)
 */
export async function tcpProbe(address: string): Promise<Reachability> {
  const url = URL.parse(`tcp://${address}`)
  if (!url?.port) {
    throw usageError(
      'CHAOS_BAD_ADDRESS',
      `"${address}" is not an address. Write it as '127.0.0.1:5432' or '[::1]:5432'.`,
    )
  }
  const { tracer, signal } = currentSession()
  const host = url.hostname.replace(/^\[|\]$/g, '')
  return await tracer.span('probe tcp', { 'server.address': host, 'server.port': Number(url.port) }, async (span) => {
    const reachability = await reach(host, Number(url.port), signal())
    span.setAttributes({ 'chaos_test.reachability': reachability })
    return reachability
  })
}
