import type { OtlpProtocol, TraceExports } from '../support/trace-exports.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** How spans are sent by OTLP, or the way that is asked for and not spoken here. */
export function otlpProtocolIn({ otlp }: TraceExports, env: Environment): OtlpProtocol | { unknown: string } {
  const { OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: own, OTEL_EXPORTER_OTLP_PROTOCOL: shared } = env
  const asked = otlp?.protocol ?? (own || shared || 'http/protobuf')
  return asked === 'http/protobuf' || asked === 'http/json' ? asked : { unknown: asked }
}

/** Which part of the users' requests has a whole trace, by `OTEL_TRACES_SAMPLER`: from 0 to 1. */
export function requestRatioIn(env: Environment): number {
  const sampler = samplerIn(env)
  if (sampler === 'always_off') return 0
  const ratio = Number(env.OTEL_TRACES_SAMPLER_ARG || '1')
  return sampler === 'traceidratio' && isRatio(ratio) ? ratio : 1
}

/** Users' requests begin their traces, so what depends on a parent is the same as what does not. */
function samplerIn({ OTEL_TRACES_SAMPLER: name }: Environment): string {
  return (name || 'always_on').trim().replace(/^parentbased_/, '')
}

function isRatio(ratio: number): boolean {
  return ratio >= 0 && ratio <= 1
}

/** What is known by these names of OpenTelemetry, and passed over where it stands beside others. */
const knownNames = {
  OTEL_TRACES_EXPORTER: ['otlp', 'zipkin', 'none'],
  OTEL_PROPAGATORS: ['tracecontext', 'b3', 'b3multi', 'baggage', 'none'],
}

/**
 * What the environment asks for by variables of OpenTelemetry, and does not get: in words, each with its variable. What the
 * config says instead is not asked for.
 */
export function unheededIn(settings: TraceExports, env: Environment): string[] {
  if (env.OTEL_SDK_DISABLED?.trim().toLowerCase() === 'true') return []
  const protocol = otlpProtocolIn(settings, env)
  const ratio = env.OTEL_TRACES_SAMPLER_ARG
  return [
    ...(typeof protocol === 'object' ? [unspoken(protocol.unknown, env)] : []),
    ...Object.entries(knownNames).flatMap(([variable, known]) => {
      const unknown = namesIn(env[variable]).filter((name) => !known.includes(name))
      return unknown.map((name) => `${variable}: "${name}" is not known here, only ${known.join(', ')}.`)
    }),
    ...(['always_on', 'always_off', 'traceidratio'].includes(samplerIn(env))
      ? []
      : [
          `OTEL_TRACES_SAMPLER: "${env.OTEL_TRACES_SAMPLER}" is not known here, only always_on, always_off and traceidratio, each also with parentbased_ before it.`,
        ]),
    ...(samplerIn(env) === 'traceidratio' && ratio && !isRatio(Number(ratio))
      ? [`OTEL_TRACES_SAMPLER_ARG: "${ratio}" is not a ratio from 0 to 1.`]
      : []),
  ]
}

function unspoken(protocol: string, env: Environment): string {
  const variable = env.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL
    ? 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'
    : 'OTEL_EXPORTER_OTLP_PROTOCOL'
  return `${variable}: "${protocol}" is not spoken here, so no spans are sent by OTLP. Set it to http/protobuf (or http/json), and the endpoint to the port of the collector that takes HTTP: usually 4318.`
}

function namesIn(list: string | undefined): string[] {
  return (list ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
}
