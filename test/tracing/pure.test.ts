import { describe, expect, test } from 'vitest'
import { SecondlyBudget } from '../../src/tracing/budget.ts'
import { unheededIn } from '../../src/tracing/environment.ts'
import { remoteSpanIn } from '../../src/tracing/propagation.ts'

const traceId = '0af7651916cd43dd8448eb211c80319c'
const spanId = 'b7ad6b7169203331'

describe('the span that the environment names', () => {
  test('is that of another process', () => {
    for (const TRACEPARENT of [
      `00-${traceId}-${spanId}-01`,
      `00-${traceId}-${spanId}-00`,
      `01-${traceId}-${spanId}-01-more`,
    ]) {
      expect(remoteSpanIn({ TRACEPARENT })).toEqual({ traceId, spanId })
    }
    const both = { TRACEPARENT: `00-${traceId}-${spanId}-01`, TRACESTATE: 'ci=run-17' }
    expect(remoteSpanIn(both)).toEqual({ traceId, spanId, traceState: 'ci=run-17' })
  })

  test.each([
    undefined,
    '',
    'nonsense',
    `00-${traceId}-${spanId}`,
    `00-${traceId}-${spanId}-01-more`,
    `ff-${traceId}-${spanId}-01`,
    `00-${'0'.repeat(32)}-${spanId}-01`,
    `00-${traceId}-${'0'.repeat(16)}-01`,
    `00-${traceId.toUpperCase()}-${spanId}-01`,
  ])('is none where it says %j', (malformed) => {
    expect(remoteSpanIn({ TRACEPARENT: malformed, TRACESTATE: 'ci=run-17' })).toBeUndefined()
  })
})

describe('of what the environment asks for by variables of OpenTelemetry', () => {
  test.each([
    {},
    { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json', OTEL_TRACES_EXPORTER: 'otlp, zipkin' },
    { OTEL_PROPAGATORS: 'tracecontext,baggage', OTEL_TRACES_SAMPLER: 'parentbased_always_on' },
    { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.25' },
    { OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/protobuf', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
    { OTEL_SDK_DISABLED: 'true', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
  ])('%j is heeded', (env) => {
    expect(unheededIn({}, env)).toEqual([])
  })

  test.each([
    [
      { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
      /^OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" is not spoken here.* http\/protobuf/,
    ],
    [{ OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'grpc' }, /^OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: "grpc"/],
    [{ OTEL_TRACES_EXPORTER: 'otlp,console' }, /^OTEL_TRACES_EXPORTER: "console" is not known here/],
    [{ OTEL_PROPAGATORS: 'xray' }, /^OTEL_PROPAGATORS: "xray" is not known here/],
    [{ OTEL_TRACES_SAMPLER: 'parentbased_jaeger_remote' }, /^OTEL_TRACES_SAMPLER: "parentbased_jaeger_remote" is not/],
    [
      { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '10 %' },
      /^OTEL_TRACES_SAMPLER_ARG: "10 %" is no/,
    ],
  ])('%j is said not to be', (env, words) => {
    expect(unheededIn({}, env)).toEqual([expect.stringMatching(words)])
  })

  test('what the config says instead is not asked for', () => {
    const otlp = { endpoint: 'http://localhost:4318', protocol: 'http/json' } as const
    expect(unheededIn({ otlp }, { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' })).toEqual([])
  })
})

test('a budget lets so many through in each second', () => {
  let now = 0
  const budget = new SecondlyBudget(2, { now: () => now })
  const taken = (at: number) => {
    now = at
    return budget.take()
  }
  expect([taken(0), taken(500), taken(999), taken(1000), taken(1001), taken(1002), taken(5000)]).toEqual([
    ...[true, true, false],
    ...[true, true, false],
    true,
  ])
})
