/**
 * Takes turns in proportion to weights, as evenly as they allow: of any run of Σ weights turns, each has its share
 * exactly (the smooth weighted round-robin of nginx).
 */
export class WeightedTurns<Item> {
  readonly #turns: readonly { readonly item: Item; readonly weight: number; credit: number }[]
  readonly #sum: number

  /** @param items at least one; their weights are above 0 */
  constructor(items: readonly Item[], weightOf: (item: Item) => number) {
    this.#turns = items.map((item) => ({ item, weight: weightOf(item), credit: 0 }))
    this.#sum = this.#turns.reduce((sum, { weight }) => sum + weight, 0)
  }

  next(): Item {
    let [best] = this.#turns
    if (!best) throw new RangeError('There is nobody whose turn it could be.')
    if (this.#turns.length === 1) return best.item
    for (const turn of this.#turns) {
      turn.credit += turn.weight
      if (turn.credit > best.credit) best = turn
    }
    best.credit -= this.#sum
    return best.item
  }
}
