import { isIP } from 'node:net'
import { listOf, OtlpError, objectOf, parse, type TracesData, tracesFromJson } from './otlp.ts'

type ZipkinSpan = Record<string, unknown>

const kinds = ['INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER']

/**
 * Reads spans in Zipkin's format (v2, JSON) into the shape that OTLP/JSON has, as OpenTelemetry says that the one becomes
 * the other: a tag `error` is an error, annotations are events.
 *
 * @see https://zipkin.io/zipkin-api/#/default/post_spans
 * @see https://opentelemetry.io/docs/specs/otel/trace/sdk_exporters/zipkin/
 * @throws OtlpError
 */
export function tracesFromZipkin(text: string): TracesData {
  const spans = listOf(parse(text), 'the request').map((entry) => objectOf(entry, 'a span'))
  const byService = Map.groupBy(spans, (span) => serviceOf(span.localEndpoint))
  const resourceSpans = [...byService].map(([service, ofService]) => ({
    resource: { attributes: [attribute('service.name', service)] },
    scopeSpans: [{ scope: { name: 'zipkin' }, spans: ofService.map(spanOf) }],
  }))
  return tracesFromJson(JSON.stringify({ resourceSpans }))
}

function serviceOf(endpoint: unknown): string {
  const { serviceName } = objectOf(endpoint ?? {}, 'localEndpoint')
  return typeof serviceName === 'string' ? serviceName : 'unknown'
}

function spanOf(span: ZipkinSpan) {
  const { traceId, id, parentId, name, kind, timestamp, duration, tags, annotations } = span
  const tagged = Object.entries(objectOf(tags ?? {}, 'tags')).map(([key, value]) => [key, String(value)] as const)
  const error = tagged.find(([key]) => key === 'error')?.[1]
  const startUs = microseconds(timestamp)
  return {
    traceId: typeof traceId === 'string' ? traceId.padStart(32, '0') : traceId,
    spanId: id,
    ...(typeof parentId === 'string' ? { parentSpanId: parentId } : {}),
    name: typeof name === 'string' && name !== '' ? name : 'unknown',
    kind: 1 + Math.max(0, kinds.indexOf(String(kind))),
    startTimeUnixNano: `${startUs}000`,
    endTimeUnixNano: `${startUs + microseconds(duration)}000`,
    attributes: [...tagged.map(([key, value]) => attribute(key, value)), ...peerOf(span.remoteEndpoint)],
    events: listOf(annotations, 'annotations').map((entry) => {
      const annotation = objectOf(entry, 'an annotation')
      return { timeUnixNano: `${microseconds(annotation.timestamp)}000`, name: String(annotation.value) }
    }),
    status: error === undefined ? {} : { code: 2, message: error },
  }
}

function microseconds(value: unknown): bigint {
  if (value === undefined) return 0n
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return BigInt(Math.round(value))
  throw new OtlpError(`a time must be a number of microseconds, and is ${JSON.stringify(value)}`)
}

function peerOf(endpoint: unknown) {
  const { serviceName, ipv4, ipv6, port } = objectOf(endpoint ?? {}, 'remoteEndpoint')
  const address = ipv4 ?? ipv6
  return [
    ...(typeof serviceName === 'string' ? [attribute('peer.service', serviceName)] : []),
    ...(typeof address === 'string' && isIP(address) > 0 ? [attribute('network.peer.address', address)] : []),
    ...(typeof port === 'number' ? [{ key: 'network.peer.port', value: { intValue: String(port) } }] : []),
  ]
}

function attribute(key: string, value: string) {
  return { key, value: { stringValue: value } }
}
