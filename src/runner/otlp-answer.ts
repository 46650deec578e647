/** Spans in OTLP JSON as `traces.json` has them: ids in hexadecimal digits, kinds and status codes as numbers. */
export interface ResourceSpans {
  resource?: unknown
  scopeSpans: { scope?: unknown; spans: AnsweredSpan[] }[]
}

export interface AnsweredSpan {
  traceId: string
  spanId: string
  [field: string]: unknown
}

type Node = Record<string, unknown>

/**
 * The spans of a trace as Jaeger (`/api/v3/traces/{id}`) or Tempo (`/api/v2/traces/{id}`) answer it: OTLP JSON, under
 * `result`, `trace` or by itself, as one document or one a line, with ids in hexadecimal digits or base64, and with names
 * or numbers for kinds and codes.
 *
 * @throws SyntaxError when it is no JSON
 */
export function spansOfAnswer(text: string): ResourceSpans[] {
  return documentsOf(text).flatMap((document) => {
    const inner = nodeOf(document.result ?? document.trace ?? document)
    return listOf(inner.resourceSpans ?? inner.batches).map(resourceSpansOf)
  })
}

/** A stream of Jaeger's is one document a line. */
function documentsOf(text: string): Node[] {
  try {
    return [nodeOf(JSON.parse(text))]
  } catch (error) {
    const lines = text.split('\n').filter((line) => line.trim() !== '')
    if (lines.length < 2) throw error
    return lines.map((line) => nodeOf(JSON.parse(line)))
  }
}

function resourceSpansOf(group: Node): ResourceSpans {
  const scopes = listOf(group.scopeSpans ?? group.instrumentationLibrarySpans)
  return {
    resource: group.resource ?? {},
    scopeSpans: scopes.map((scope) => ({ scope: scope.scope ?? {}, spans: listOf(scope.spans).map(spanOf) })),
  }
}

function spanOf(span: Node): AnsweredSpan {
  const { parentSpanId, kind, status, links } = span
  return {
    ...span,
    traceId: hexOf(span.traceId),
    spanId: hexOf(span.spanId),
    ...(parentSpanId ? { parentSpanId: hexOf(parentSpanId) } : {}),
    kind: numberOf(kind, kinds),
    status: { ...nodeOf(status), code: numberOf(nodeOf(status).code, codes) },
    links: listOf(links).map((link) => ({ ...link, traceId: hexOf(link.traceId), spanId: hexOf(link.spanId) })),
  }
}

const kinds = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'].map((name) => `SPAN_KIND_${name}`)
const codes = ['UNSET', 'OK', 'ERROR'].map((name) => `STATUS_CODE_${name}`)

function numberOf(value: unknown, names: readonly string[]): number {
  return typeof value === 'number' ? value : Math.max(0, names.indexOf(String(value)))
}

/** Protobuf's own JSON writes bytes in base64; OTLP's wants hexadecimal digits. */
function hexOf(id: unknown): string {
  const text = String(id ?? '')
  const isHex = /^([0-9a-f]{16}|[0-9a-f]{32})$/i.test(text)
  return isHex ? text.toLowerCase() : Buffer.from(text, 'base64').toString('hex')
}

function nodeOf(value: unknown): Node {
  return typeof value === 'object' && value !== null ? (value as Node) : {}
}

function listOf(value: unknown): Node[] {
  return Array.isArray(value) ? value.map(nodeOf) : []
}
