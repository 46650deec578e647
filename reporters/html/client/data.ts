import type { AttributeRow, SpanRow, TraceBook } from '../trace-book.ts'
import type { ReportView } from '../view.ts'

/** A span, as the page shows it. Times are microseconds since `TraceData.epochMs`. */
export interface Span {
  spanId: string
  /** The index of its parent in the trace; −1 at the top. */
  parent: number
  depth: number
  service: string
  /** The pod that it ran in, where that is known. */
  instance: string
  name: string
  kind: string
  start: number
  duration: number
  isError: boolean
  status: string
  attributes: Attribute[]
  resource: Attribute[]
  events: SpanEvent[]
  links: SpanLink[]
}

export type Attribute = [key: string, value: string]

export interface SpanEvent {
  at: number
  name: string
  attributes: Attribute[]
}

export interface SpanLink {
  traceId: string
  spanId: string
}

export interface Trace {
  traceId: string
  /** Each after its parent. */
  spans: Span[]
}

/** A users' request; times are milliseconds, as in the view. */
export interface UserRequest {
  traceId: string
  at: number
  latencyMs: number
  outcome: string
  status: number | undefined
  isFailed: boolean
  /** The pods that it came through, the first one first. */
  pods: string[]
  /** How the pods behind it were when it ended, in words; of some requests. */
  podsThen?: string | undefined
  /** Whether the page has its trace. */
  isTraced: boolean
}

const kinds = ['', 'internal', 'server', 'client', 'producer', 'consumer']

/** The spans of the run. They are unpacked when they are first needed, and each trace when it is opened. */
export class Traces {
  readonly #book: TraceBook
  readonly #places: Map<string, number>

  constructor(book: TraceBook) {
    this.#book = book
    this.#places = new Map(book.traces.map(([traceId], index) => [traceId, index]))
  }

  /** Milliseconds since the epoch. */
  get epochMs(): number {
    return this.#book.epochMs
  }

  has(traceId: string): boolean {
    return this.#places.has(traceId)
  }

  trace(traceId: string): Trace | undefined {
    const rows = this.#book.traces[this.#places.get(traceId) ?? -1]?.[1]
    if (!rows) return undefined
    const spans: Span[] = []
    for (const row of rows) spans.push(this.#span(row, (spans[row[1]]?.depth ?? -1) + 1))
    return { traceId, spans }
  }

  /** The trace that a span belongs to. */
  traceOfSpan(spanId: string): string | undefined {
    return this.#book.traces.find(([, spans]) => spans.some(([id]) => id === spanId))?.[0]
  }

  /** The requests of a hypothesis, in the order of their times. */
  requests(hypothesis: number): UserRequest[] {
    const { epochMs, traces, texts, requests } = this.#book
    return requests
      .filter(([owner]) => owner === hypothesis)
      .map(([, trace, at, latencyMs, outcome, status, isFailed]) => ({
        traceId: traces[trace]?.[0] ?? '',
        at: epochMs + at / 1000,
        latencyMs,
        outcome: texts[outcome] ?? '',
        status: status || undefined,
        isFailed: isFailed === 1,
        pods: this.#podsOf(traces[trace]?.[1] ?? []),
        isTraced: true,
      }))
      .sort((a, b) => a.at - b.at)
  }

  /** The hypothesis that a request's trace belongs to. */
  ownerOf(traceId: string): number | undefined {
    const place = this.#places.get(traceId)
    return this.#book.requests.find(([, trace]) => trace === place)?.[0]
  }

  #podsOf(spans: readonly SpanRow[]): string[] {
    const pods = spans.map((span) => this.#text(this.#book.resources[span[2]]?.[1]))
    return [...new Set(pods)].filter((pod) => pod !== '')
  }

  #span(row: SpanRow, depth: number): Span {
    const [spanId, parent, resourceIndex, name, kind, start, duration, isError, attributes, extra = {}] = row
    const [service, instance, resource] = this.#book.resources[resourceIndex] ?? [-1, -1, []]
    return {
      spanId,
      parent,
      depth,
      service: this.#text(service),
      instance: this.#text(instance),
      name: this.#text(name),
      kind: kinds[kind] ?? '',
      start,
      duration,
      isError: isError === 1,
      status: extra.status ?? '',
      attributes: this.#attributes(attributes),
      resource: this.#attributes(resource),
      events: (extra.events ?? []).map(([at, event, row]) => {
        return { at, name: this.#text(event), attributes: this.#attributes(row) }
      }),
      links: (extra.links ?? []).map(([traceId, linked]) => ({ traceId, spanId: linked })),
    }
  }

  #attributes(row: AttributeRow): Attribute[] {
    const pairs: Attribute[] = []
    for (let index = 0; index < row.length; index += 2) pairs.push([this.#text(row[index]), this.#text(row[index + 1])])
    return pairs
  }

  #text(index: number | undefined): string {
    return this.#book.texts[index ?? -1] ?? ''
  }
}

/** What the page was given. */
export function readView(): ReportView {
  return JSON.parse(document.getElementById('view')?.textContent ?? '{}')
}

/** The spans that the page was given. */
export async function readTraces(): Promise<Traces> {
  const packed = document.getElementById('traces')?.textContent ?? ''
  const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0))
  const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))
  return new Traces(await new Response(unpacked).json())
}
