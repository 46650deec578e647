import { redact } from '../../src/journal/redact.ts'
import {
  attributeOf,
  errorStatus,
  type KeyValue,
  millisecondsOf,
  type OtlpSpan,
  type ResourceSpans,
  textOf,
} from './otlp.ts'
import type { AttributeRow, SpanExtra, SpanRow, TraceBook } from './trace-book.ts'

/** What belongs together in a trace, before it is written down. */
export interface TraceDraft {
  traceId: string
  spans: SpanDraft[]
}

export interface SpanDraft {
  span: OtlpSpan
  /** The index of its resource. */
  resource: number
  startMs: number
}

/** Where a users' request belongs, and how it ended. */
export interface RequestDraft {
  hypothesis: number
  trace: TraceDraft
  at: number
  latencyMs: number
  outcome: string
  status: number
  isFailed: boolean
}

/** Writes spans down as the page holds them. */
export class BookKeeper {
  readonly #book: TraceBook
  readonly #texts = new Map<string, number>()
  readonly #attributes = new Map<string, number>()

  constructor(epochMs: number) {
    this.#book = { epochMs, texts: [], resources: [], traces: [], requests: [] }
  }

  get book(): TraceBook {
    return this.#book
  }

  /** @returns the index of the resource */
  resource({ resource }: ResourceSpans): number {
    const attributes = resource?.attributes ?? []
    const text = (key: string) => textOf(attributeOf(attributes, key))
    const instance = text('k8s.pod.name') || text('service.instance.id')
    const service = text('service.name') || 'unknown service'
    return this.#book.resources.push([this.#text(service), this.#text(instance), this.#row(attributes)]) - 1
  }

  /** @returns the index of the trace */
  trace({ traceId, spans }: TraceDraft): number {
    const ordered = inOrder(spans)
    const places = new Map(ordered.map(({ span }, index) => [span.spanId, index]))
    const rows = ordered.map((draft) => this.#span(draft, places))
    return this.#book.traces.push([traceId, rows]) - 1
  }

  request({ hypothesis, at, latencyMs, outcome, status, isFailed }: RequestDraft, trace: number): void {
    const latency = Number(latencyMs.toFixed(2))
    this.#book.requests.push([
      hypothesis,
      trace,
      this.#since(at),
      latency,
      this.#text(outcome),
      status,
      isFailed ? 1 : 0,
    ])
  }

  #span({ span, resource, startMs }: SpanDraft, places: ReadonlyMap<string, number>): SpanRow {
    const { spanId, parentSpanId = '', name = '', kind = 0, endTimeUnixNano, attributes = [], status } = span
    const durationMs = Math.max(0, millisecondsOf(endTimeUnixNano) - startMs)
    const row: SpanRow = [
      spanId,
      places.get(parentSpanId) ?? -1,
      resource,
      this.#text(name),
      kind,
      this.#since(startMs),
      Math.round(durationMs * 1000),
      status?.code === errorStatus ? 1 : 0,
      this.#row(attributes),
    ]
    const extra = this.#extra(span)
    if (extra) row.push(extra)
    return row
  }

  #extra({ status, events = [], links = [] }: OtlpSpan): SpanExtra | undefined {
    const extra: SpanExtra = {}
    if (status?.message) extra.status = textIn('status', status.message)
    if (events.length > 0) {
      extra.events = events.map(({ timeUnixNano, name = '', attributes = [] }) => {
        return [this.#since(millisecondsOf(timeUnixNano)), this.#text(name), this.#row(attributes)]
      })
    }
    if (links.length > 0) extra.links = links.map(({ traceId, spanId }) => [traceId, spanId])
    return Object.keys(extra).length > 0 ? extra : undefined
  }

  #row(attributes: readonly KeyValue[]): AttributeRow {
    return attributes.flatMap(({ key, value }) => [this.#text(key), this.#value(key, textOf(value))])
  }

  /** A span comes from anywhere: what its name or form marks as secret is not shown. */
  #value(key: string, text: string): number {
    const known = this.#attributes.get(`${key}\n${text}`)
    if (known !== undefined) return known
    const index = this.#text(textIn(key, text))
    this.#attributes.set(`${key}\n${text}`, index)
    return index
  }

  #text(text: string): number {
    const known = this.#texts.get(text)
    if (known !== undefined) return known
    const index = this.#book.texts.push(text) - 1
    this.#texts.set(text, index)
    return index
  }

  #since(milliseconds: number): number {
    return Math.round((milliseconds - this.#book.epochMs) * 1000)
  }
}

const longestText = 2000

function textIn(key: string, text: string): string {
  const shown = Object.values(redact({ [key]: text.slice(0, longestText) }) as Record<string, unknown>)
  return `${shown[0] ?? ''}${text.length > longestText ? '…' : ''}`
}

/** Each span after its parent, siblings by their start. What has lost its parent stands at the top. */
function inOrder(spans: readonly SpanDraft[]): SpanDraft[] {
  const known = new Set(spans.map(({ span }) => span.spanId))
  const parentOf = ({ span }: SpanDraft) => (known.has(span.parentSpanId ?? '') ? (span.parentSpanId ?? '') : '')
  const children = Map.groupBy(
    spans.toSorted((a, b) => a.startMs - b.startMs),
    parentOf,
  )
  const ordered: SpanDraft[] = []
  const seen = new Set<SpanDraft>()
  const waiting = (children.get('') ?? []).toReversed()
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    if (seen.has(next)) continue
    seen.add(next)
    ordered.push(next)
    waiting.push(...(children.get(next.span.spanId) ?? []).toReversed())
  }
  return ordered
}
