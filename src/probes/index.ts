import { httpProbe } from './http.ts'
import { processProbe } from './process.ts'
import { tcpProbe } from './tcp.ts'

export type { HttpAnswer, HttpProbeOptions, ProbedUrl } from './http.ts'
export type { ProcessProbeOptions, ProcessResult } from './process.ts'
export type { AlwaysOptions, EventuallyOptions, Look } from './window.ts'
export { always, alwaysBy, eventually, eventuallyBy } from './window.ts'

/** Looks at what is no object of a cluster. What they find is a value, to be asserted on or passed on. */
export interface Probes {
  http: typeof httpProbe
  tcp: typeof tcpProbe
  process: typeof processProbe
}

/**
 * Probes by HTTP, by TCP, and by a program.
 *
 * @example
 * const { status, body } = await probe.http(kubernetes.service('service1').url('/health'))
 * expect(await probe.tcp('127.0.0.1:5432')).toBe('connected')
 * const { exitCode, stdout } = await probe.process(['psql', '-c', 'select 1'])
 */
export const probe: Probes = { http: httpProbe, tcp: tcpProbe, process: processProbe }
