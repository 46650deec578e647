import type { Environment } from './environment.ts'

/** A span of another process, which ours may continue. */
export interface RemoteSpan {
  traceId: string
  spanId: string
  /** What its tracing system passes on in it: `vendor=value,…`. */
  traceState?: string
}

export interface PropagatedSpan {
  traceId: string
  spanId: string
  /** Whether whoever is called should keep its spans of this trace. */
  sampled: boolean
}

/** A way of telling it, by the name that OpenTelemetry has for it. */
export type Propagator = 'tracecontext' | 'b3' | 'b3multi'

/** All of them: whichever the services know, they see. */
export const allPropagators: readonly Propagator[] = ['tracecontext', 'b3', 'b3multi']

/**
 * Which ones `OTEL_PROPAGATORS` asks for: all where it says nothing, none where it says so. What is not known here
 * (`baggage`, `jaeger`) is passed over.
 */
export function propagatorsIn(text: string | undefined): readonly Propagator[] {
  if (!text) return allPropagators
  const asked = text.split(',').map((name) => name.trim())
  return allPropagators.filter((name) => asked.includes(name))
}

/**
 * The headers that tell whoever is called which trace it is part of: W3C Trace Context, and B3 both as one header and
 * as several. Names and values in turn.
 *
 * @see https://www.w3.org/TR/trace-context/
 * @see https://github.com/openzipkin/b3-propagation
 */
export function traceHeaders(span: PropagatedSpan, propagators: readonly Propagator[] = allPropagators): string[] {
  const headers: string[] = []
  for (const name of propagators) addHeaders[name](headers, span)
  return headers
}

const addHeaders: Record<Propagator, (headers: string[], span: PropagatedSpan) => void> = {
  tracecontext: (headers, { traceId, spanId, sampled }) => {
    headers.push('traceparent', `00-${traceId}-${spanId}-0${flagOf(sampled)}`)
  },
  b3: (headers, { traceId, spanId, sampled }) => {
    headers.push('b3', `${traceId}-${spanId}-${flagOf(sampled)}`)
  },
  b3multi: (headers, { traceId, spanId, sampled }) => {
    headers.push('x-b3-traceid', traceId, 'x-b3-spanid', spanId, 'x-b3-sampled', flagOf(sampled))
  },
}

function flagOf(sampled: boolean): string {
  return sampled ? '1' : '0'
}

const traceparentForm = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}(-.*)?$/

/**
 * The span that the environment names, by TRACEPARENT and TRACESTATE: what a CI system leaves there, so that our traces are
 * part of its own.
 *
 * @returns undefined where there is none, or where it is malformed
 * @see https://opentelemetry.io/docs/specs/otel/context/env-carriers/
 * @example
 * createTracing({ serviceName: 'chaos-test', parent: remoteSpanIn(process.env) })
 */
export function remoteSpanIn({ TRACEPARENT = '', TRACESTATE }: Environment): RemoteSpan | undefined {
  const [, version, traceId, spanId, more] = traceparentForm.exec(TRACEPARENT) ?? []
  if (!traceId || !spanId) return undefined
  // Only a later version than 00 may say more.
  if (version === '00' && more !== undefined) return undefined
  return { traceId, spanId, ...(TRACESTATE ? { traceState: TRACESTATE } : {}) }
}
