/** The part of a trace's time that is shown, in microseconds. */
export class ViewRange {
  readonly start: number
  readonly end: number
  #from: number
  #to: number
  readonly #onChange: () => void

  constructor(start: number, end: number, onChange: () => void) {
    this.start = start
    this.end = Math.max(end, start + 1)
    this.#from = this.start
    this.#to = this.end
    this.#onChange = onChange
  }

  get from(): number {
    return this.#from
  }

  get to(): number {
    return this.#to
  }

  get isWhole(): boolean {
    return this.#from === this.start && this.#to === this.end
  }

  show(from: number, to: number): void {
    const most = this.end - this.start
    const wide = Math.min(most, Math.max(to - from, 5))
    this.#from = Math.min(Math.max(this.start, from), this.end - wide)
    this.#to = this.#from + wide
    this.#onChange()
  }

  /** @param factor below 1: closer @param around a time that stays where it is */
  zoom(factor: number, around = (this.#from + this.#to) / 2): void {
    this.show(around - (around - this.#from) * factor, around + (this.#to - around) * factor)
  }

  /** @param share of what is shown */
  pan(share: number): void {
    const by = (this.#to - this.#from) * share
    this.show(this.#from + by, this.#to + by)
  }

  reset(): void {
    this.show(this.start, this.end)
  }
}
