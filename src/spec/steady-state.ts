import { currentSpecFile } from './running.ts'
import type { Probe } from './steady-states.ts'

/**
 * Declares what is normal, in a `beforeAll`, and checks at once that it is so. It is checked again after each method
 * and after each rollback.
 *
 * A miss does not throw: nothing may act on the target any more, and every hypothesis of the file is *unsteady*.
 *
 * @example
 * beforeAll(async () => {
 *   await steadyState('users see no errors', async () => {
 *     expect(await users.for('2s')).toHaveNoErrors()
 *   })
 * })
 */
export async function steadyState(title: string, probe: Probe): Promise<void> {
  await currentSpecFile('steadyState()').steadyStates.establish(title, probe)
}
