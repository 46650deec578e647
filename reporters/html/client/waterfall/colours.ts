import type { Span, Trace } from '../data.ts'

/** What a span is told apart by: the service that it ran in; of our own, what it did to the target. */
function groupOf({ service, attributes }: Span): string {
  const activity = service === own ? attributes.find(([key]) => key === 'chaos_test.activity')?.[1] : undefined
  // What settles after an undo is a part of it.
  return activity === 'settle' ? 'undo' : (activity ?? service)
}

const own = 'chaos-test'
const fixed: ReadonlyArray<[group: string, colour: string]> = [
  [own, 'service-own'],
  ['action', 'action'],
  ['undo', 'undo'],
  ['probe', 'probe'],
]
const hues = 8

/** The colour (of the style sheet) of each group of spans: our own are calm, services differ as far as colours go. */
export class SpanColours {
  readonly #colours = new Map<string, string>(fixed)
  /** The groups that there are, by their first span. */
  readonly groups: readonly string[]

  constructor({ spans }: Trace) {
    this.groups = [...new Set(spans.map(groupOf))]
    for (const group of this.groups) {
      if (this.#colours.has(group)) continue
      this.#colours.set(group, `service-${(this.#colours.size - fixed.length) % hues}`)
    }
  }

  of(group: string): string {
    return this.#colours.get(group) ?? 'service-own'
  }

  ofSpan(span: Span): string {
    return this.of(groupOf(span))
  }
}
