/** Spec files that share a target have it one after the other, in the order in which they asked. */
export class Turns {
  readonly #held = new Map<string, () => void>()
  #last: Promise<void> = Promise.resolve()

  /** Resolves when those who asked before have ended their turns. */
  async take(file: string): Promise<void> {
    const before = this.#last
    const turn = Promise.withResolvers<void>()
    this.#last = turn.promise
    this.#held.set(file, turn.resolve)
    await before
  }

  /** Does nothing for a file that never asked. */
  end(file: string): void {
    this.#held.get(file)?.()
    this.#held.delete(file)
  }
}
