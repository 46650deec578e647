import { expect } from 'vitest'
import { ManualClock } from '../lab/client/manual-clock.ts'

/** A clock that a test moves by hand once it is known that somebody waits for it. */
export class StepClock extends ManualClock {
  #sleeping = 0

  override async sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    this.#sleeping += 1
    try {
      await super.sleep(milliseconds, signal)
    } finally {
      this.#sleeping -= 1
    }
  }

  /** Resolves when somebody sleeps. */
  async slept(): Promise<void> {
    await expect.poll(() => this.#sleeping, { timeout: 10_000 }).toBeGreaterThan(0)
  }

  /** Waits until somebody sleeps, and then moves the time on. */
  async step(milliseconds: number): Promise<void> {
    await this.slept()
    await this.advance(milliseconds)
  }
}
