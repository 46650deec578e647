/**
 * The spans of a run as the page holds them: compact, since there may be thousands. Texts and resources are kept once
 * and named by their index; times are microseconds since `epochMs`.
 */
export interface TraceBook {
  epochMs: number
  texts: string[]
  resources: ResourceRow[]
  traces: TraceRow[]
  requests: RequestRow[]
}

/** The service's name, its instance (a pod), and all attributes. */
export type ResourceRow = [service: number, instance: number, attributes: AttributeRow]

/** Keys and values in turn. */
export type AttributeRow = number[]

export type TraceRow = [traceId: string, spans: SpanRow[]]

export type SpanRow = [
  spanId: string,
  /** The index of its parent in the trace, which stands before it; −1 where it has none here. */
  parent: number,
  resource: number,
  name: number,
  kind: number,
  start: number,
  duration: number,
  isError: 0 | 1,
  attributes: AttributeRow,
  /** Absent where there is nothing of it. */
  extra?: SpanExtra,
]

export interface SpanExtra {
  /** What the status says of an error. */
  status?: string
  events?: Array<[at: number, name: number, attributes: AttributeRow]>
  links?: Array<[traceId: string, spanId: string]>
}

/** A users' request whose trace is here: the indices of its hypothesis and of its trace, and how it ended. */
export type RequestRow = [
  hypothesis: number,
  trace: number,
  at: number,
  latencyMs: number,
  outcome: number,
  /** 0 where there was no answer. */
  status: number,
  isFailed: 0 | 1,
]
