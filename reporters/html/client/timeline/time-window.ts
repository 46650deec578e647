import type { TimeAxis } from '../axis.ts'

const shortestMs = 200

/** The part of the time axis that all charts of a hypothesis show. */
export class TimeWindow {
  readonly axis: TimeAxis
  #from: number
  #to: number
  readonly #listeners = new Set<() => void>()

  constructor(axis: TimeAxis) {
    this.axis = axis
    this.#from = axis.from
    this.#to = axis.to
  }

  /** Milliseconds since the axis' zero. */
  get from(): number {
    return this.#from
  }

  get to(): number {
    return this.#to
  }

  get isZoomed(): boolean {
    return this.#from > this.axis.from || this.#to < this.axis.to
  }

  onChange(listener: () => void): void {
    this.#listeners.add(listener)
  }

  zoom(from: number, to: number): void {
    const wide = Math.max(to - from, shortestMs)
    const middle = (from + to) / 2
    this.#set(Math.max(this.axis.from, middle - wide / 2), Math.min(this.axis.to, middle + wide / 2))
  }

  reset(): void {
    this.#set(this.axis.from, this.axis.to)
  }

  #set(from: number, to: number): void {
    if (from === this.#from && to === this.#to) return
    this.#from = from
    this.#to = to
    for (const listener of this.#listeners) listener()
  }
}
