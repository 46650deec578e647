import { randomFrom } from '../../src/support/random.ts'

/** Choices at random, the same for the same seed. */
export class Choices {
  readonly #random: () => number

  constructor(seed: number) {
    this.#random = randomFrom(seed)
  }

  chance(share: number): boolean {
    return this.#random() < share
  }

  /** A whole number from 0 to below the limit. */
  below(limit: number): number {
    return Math.floor(this.#random() * limit)
  }

  of<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T
  }

  /** Makes one of the things, each as often as its weight says. */
  weighted<T>(makers: readonly (readonly [weight: number, make: () => T])[]): T {
    const total = makers.reduce((sum, [weight]) => sum + weight, 0)
    let left = this.#random() * total
    const [, make] = makers.find(([weight]) => {
      left -= weight
      return left < 0
    }) ?? [0, () => this.of(makers)[1]()]
    return make()
  }

  /** Up to so many things. */
  several<T>(most: number, make: () => T): T[] {
    return Array.from({ length: this.below(most + 1) }, make)
  }
}
