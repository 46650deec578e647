import { systemClock } from '../../support/clock.ts'

const lookEveryMs = 200
/** Other undos may be what this one waits for: they get their turn after this time, and then it is tried again. */
const patienceMs = 10_000

/**
 * Waits until nothing is amiss any more.
 *
 * @param amissOf what is amiss, in words; undefined when all is well
 * @throws `failure(amiss)` after a while: the rollback tries it again after the others
 */
export async function patiently(
  amissOf: () => Promise<string | undefined>,
  failure: (amiss: string) => Error,
  signal: AbortSignal,
): Promise<void> {
  const giveUpAt = performance.now() + patienceMs
  for (;;) {
    const amiss = await amissOf()
    if (amiss === undefined) return
    if (performance.now() > giveUpAt) throw failure(amiss)
    await systemClock.sleep(lookEveryMs, signal)
  }
}
