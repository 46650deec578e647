import type { ChaosEvent } from '../src/journal/events.ts'
import { reduce } from '../src/journal/reduce.ts'
import { emptyRun, type RunState } from '../src/journal/state.ts'
import { writeJournals } from '../src/journal/write.ts'

/** Writes the journals of a run when it has ended. */
export class JournalReporter {
  #state: RunState = emptyRun

  onEvent(event: ChaosEvent): void {
    this.#state = reduce(this.#state, event)
  }

  /** What a spec prints is no part of a journal. */
  onConsole(): void {}

  onEnd(runFolder: string): void {
    writeJournals(runFolder, this.#state)
  }
}
