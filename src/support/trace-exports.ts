/** Where traces are sent to, as the config says it. Plain data, since it crosses a process boundary. */
export interface TraceExports {
  otlp?: OtlpExport
  /** The URL of a Zipkin's API for spans: `http://localhost:9411/api/v2/spans`. */
  zipkinUrl?: string
  /** Of how many users' requests in a second the whole trace is kept. */
  requestsPerSecond?: number
  /** From when on a request is slow, so that its span is always kept. */
  slowRequestMs?: number
}

export interface OtlpExport {
  /** Without `/v1/traces`. */
  endpoint: string
  protocol?: OtlpProtocol
  /** Secret as a whole: they let us in. */
  headers?: Readonly<Record<string, string>>
}

export type OtlpProtocol = 'http/protobuf' | 'http/json'
