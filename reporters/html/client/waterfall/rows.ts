import type { Span, Trace } from '../data.ts'

/** The spans of a trace that are not inside a collapsed one. */
export class Rows {
  readonly #spans: readonly Span[]
  /** The index after the last span inside each. */
  readonly #ends: number[]
  readonly #collapsed = new Set<number>()
  #visible: number[] = []

  constructor({ spans }: Trace) {
    this.#spans = spans
    this.#ends = endsOf(spans)
    this.#update()
  }

  /** Indices of spans, from top to bottom. */
  get visible(): readonly number[] {
    return this.#visible
  }

  hasChildren(index: number): boolean {
    return (this.#ends[index] ?? 0) > index + 1
  }

  /** How many spans are inside. */
  descendants(index: number): number {
    return (this.#ends[index] ?? index + 1) - index - 1
  }

  isCollapsed(index: number): boolean {
    return this.#collapsed.has(index)
  }

  collapse(index: number): void {
    if (this.hasChildren(index)) this.#collapsed.add(index)
    this.#update()
  }

  expand(index: number): void {
    this.#collapsed.delete(index)
    this.#update()
  }

  collapseAll(): void {
    for (const index of this.#spans.keys()) if (this.hasChildren(index)) this.#collapsed.add(index)
    this.#update()
  }

  expandAll(): void {
    this.#collapsed.clear()
    this.#update()
  }

  /** Expands what a span is inside of. */
  reveal(index: number): void {
    for (let parent = this.#spans[index]?.parent ?? -1; parent >= 0; parent = this.#spans[parent]?.parent ?? -1) {
      this.#collapsed.delete(parent)
    }
    this.#update()
  }

  #update(): void {
    this.#visible = []
    for (let index = 0; index < this.#spans.length; ) {
      this.#visible.push(index)
      index = this.#collapsed.has(index) ? (this.#ends[index] ?? index + 1) : index + 1
    }
  }
}

/** Spans stand after their parents, deepest first: what is inside one is next to it. */
function endsOf(spans: readonly Span[]): number[] {
  const ends = spans.map((_, index) => index + 1)
  for (let index = spans.length - 1; index >= 0; index--) {
    const parent = spans[index]?.parent ?? -1
    if (parent >= 0) ends[parent] = Math.max(ends[parent] ?? 0, ends[index] ?? 0)
  }
  return ends
}
