import { appendFileSync } from 'node:fs'

/** Spans as OTLP JSON (opentelemetry.io/docs/specs/otlp), as far as we need to know it. */
interface OtlpTraces {
  resourceSpans: Array<{ scopeSpans?: Array<{ spans?: OtlpSpan[] }> }>
}

interface OtlpSpan {
  startTimeUnixNano?: string
}

/** Where service spans are, and from when on they are ours. */
interface SpanSource {
  otlpUrl?: string
  spansSinceMs?: number
}

/**
 * Keeps the spans that the services have sent to the lab's receiver. Spans are for looking at: when they cannot be had,
 * the run goes on without them.
 */
export async function collectServiceSpans({ otlpUrl, spansSinceMs }: SpanSource, path: string): Promise<void> {
  if (otlpUrl === undefined) return
  try {
    const answer = await fetch(`${otlpUrl}/v1/traces`, { signal: AbortSignal.timeout(4000) })
    const text = await answer.text()
    if (!answer.ok) return
    const spans = spansSinceMs === undefined ? text : JSON.stringify(startedSince(spansSinceMs, JSON.parse(text)))
    appendFileSync(path, `${spans}\n`)
  } catch {
    // The lab has ended.
  }
}

function startedSince(sinceMs: number, { resourceSpans }: OtlpTraces): OtlpTraces {
  const since = BigInt(sinceMs) * 1_000_000n
  const isOurs = ({ startTimeUnixNano = '0' }: OtlpSpan) => BigInt(startTimeUnixNano) >= since
  return {
    resourceSpans: resourceSpans.map(({ scopeSpans = [], ...resource }) => ({
      ...resource,
      scopeSpans: scopeSpans.map(({ spans = [], ...scope }) => ({ ...scope, spans: spans.filter(isOurs) })),
    })),
  }
}
