/** What a link can tell of a trace beside its id. */
export interface LinkedTrace {
  /** The span to look at. Absent: the outermost one of a users' request. */
  spanId?: string | undefined
  /** Milliseconds since the epoch: pages that search need a window of time. */
  startedAt?: number | undefined
  endedAt?: number | undefined
  /** What counts where those are not known. */
  nowMs?: number
}

/** Around the times of a trace: clocks differ, and services go on for a moment. */
const marginMs = 60_000
const hourMs = 3_600_000

/**
 * The URL of a trace; nothing without a template, or without a trace.
 *
 * @param template a URL with `{traceId}`, and perhaps `{spanId}`, `{startMs}` and `{endMs}` (milliseconds since the
 *   epoch), `{start}` and `{end}` (seconds)
 * @example
 * traceUrl('http://localhost:16686/trace/{traceId}', '0af7651916cd43dd8448eb211c80319c')
 */
export function traceUrl(
  template: string | undefined,
  traceId: string,
  { spanId = traceId.slice(16), startedAt, endedAt, nowMs = Date.now() }: LinkedTrace = {},
): string | undefined {
  if (!template || !traceId) return undefined
  const startMs = startedAt === undefined ? nowMs - hourMs : startedAt - marginMs
  const endMs = (endedAt ?? startedAt ?? nowMs) + marginMs
  const values: Record<string, string> = {
    traceId,
    spanId,
    startMs: String(Math.floor(startMs)),
    endMs: String(Math.ceil(endMs)),
    start: String(Math.floor(startMs / 1000)),
    end: String(Math.ceil(endMs / 1000)),
  }
  return template.replace(/\{(\w+)\}/g, (placeholder, name: string) => values[name] ?? placeholder)
}
