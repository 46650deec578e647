import { currentSpecFile } from './running.ts'
import type { Probe, SteadyStateOptions } from './steady-states.ts'

/**
 * Declares what is normal, in a `beforeAll`, and checks at once that it is so. It is checked again after each method
 * and after each rollback.
 *
 * A miss does not throw: nothing may act on the target any more, and every hypothesis of the file is *unsteady*.
 *
 * With `continuously` it is also watched while each method runs; `abort` ends the method at the first miss.
 *
 * @throws CHAOS_BAD_DURATION, CHAOS_BAD_OPTION (usage)
 * @example
 * beforeAll(async () => {
 *   await steadyState('users see no errors', async () => {
 *     expect(await users.for('2s')).toHaveNoErrors()
 *   })
 *   await steadyState('service1 answers without errors', async () => {
 *     const rate = await responses.during(prometheus.last('10s')).errorRate({ status_code: /^5/ })
 *     expect(rate).toBeBelow('5%', { minRequests: 50 })
 *   }, { continuously: '1s', abort: true })
 * })
 */
export async function steadyState(title: string, probe: Probe, options?: SteadyStateOptions): Promise<void> {
  await currentSpecFile('steadyState()').steadyStates.establish(title, probe, options)
}
