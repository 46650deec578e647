import type { ImageCatalogue, MetricsBackend } from '../lab/index.ts'
import type { Duration, Rate, Ratio } from '../support/quantities.ts'
import type { OtlpProtocol } from '../support/trace-exports.ts'

/** What a project may set in `chaos.config.ts`. Everything has a default: no config is a config. */
export interface ChaosConfig {
  /**
   * Where experiments act: a lab of the run's own, a lab that is up already by its name, or a cluster by the name of its
   * kubeconfig context. Never the current context by default. `none`: on no cluster, but by addresses and actions of the
   * project's own, as on services of Docker Compose.
   *
   * @default 'lab'
   */
  target?: 'lab' | 'none' | NamedLabTarget | TargetConfig
  /** What a run may act on. */
  safety?: SafetyConfig
  /** What a lab is made of. A named lab (`lab up NAME`) has it from the config of its start. */
  lab?: LabConfig
  /** The Prometheus to ask on a cluster; the lab has its own. */
  prometheus?: PrometheusConfig
  /** Where the users' own counts can be scraped while a run goes on. @default nowhere */
  metrics?: MetricsConfig
  /** Where spans are sent, which are kept, and where people look at them. */
  traces?: TracesConfig
  /** How long things may take. */
  timeouts?: TimeoutsConfig
  /**
   * What must not be shown anywhere, beside what is known to be secret: texts, as the value of an environment variable,
   * and what regular expressions match.
   */
  redact?: readonly (string | RegExp | undefined)[]
  /**
   * Modules of your own that export actions (`defineAction` of `chaos-test/actions`), or `undoKinds` for `perform()`. They
   * must import nothing of Vitest, and so nothing of `chaos-test` itself.
   */
  actions?: readonly string[]
}

/** A lab that is up and outlives the run: `{ lab: 'shop' }`. */
export interface NamedLabTarget {
  /** The name of a lab that `chaos-test lab up NAME --detach` has started. */
  lab: string
}

/** A namespace of a cluster, by a context of the kubeconfig: `{ context: 'staging', namespace: 'shop' }`. */
export interface TargetConfig {
  /** The name of a context of the kubeconfig. */
  context: string
  /** @default 'default' */
  namespace?: string
  /** @default the KUBECONFIG variable, else ~/.kube/config */
  kubeconfig?: string
  /**
   * The environment that this context belongs to, as `production`. A run on it must confirm it by name:
   * `--yes-in production`. The label `chaos-test/environment` of a namespace says the same for everybody.
   */
  environment?: string
}

/** What a run may act on. What is beyond it is refused before anything is done. */
export interface SafetyConfig {
  /**
   * The namespaces of a cluster that may be acted in; `*` stands for any text.
   *
   * @default that of the target
   */
  namespaces?: readonly string[]
  /**
   * The namespaces that are never acted in, whatever else is said; `*` stands for any text.
   *
   * @default ['kube-*']
   */
  protectedNamespaces?: readonly string[]
  /**
   * The largest share of the pods that it chooses among that one action may hit at once. A rolling update hits one after
   * the other, so no limit is for it.
   *
   * @default '100%'
   */
  maxPods?: Ratio
  /**
   * The largest share of the nodes of a cluster that one action may hit at once.
   *
   * @default '50%'
   */
  maxNodes?: Ratio
}

/** The embedded cluster: what runs in it, and how large it is. */
export interface LabConfig {
  /** What images mean on this machine: commands, by the image's name. */
  images?: ImageCatalogue
  /** Files or folders of manifests, applied and awaited when a run creates its lab. */
  manifests?: readonly string[]
  /**
   * How often the lab's Prometheus scrapes each pod.
   *
   * @default '200ms'
   */
  scrapeInterval?: Duration
  /**
   * Who keeps what was scraped and answers queries: the lab itself, or a real `prometheus` of this machine, which the lab
   * starts and feeds.
   *
   * @default { backend: 'embedded' }
   */
  metrics?: { backend?: MetricsBackend }
  /**
   * How many nodes a lab has: 1 to 3.
   *
   * @default 1
   */
  nodes?: number
  /**
   * How long a node may be silent before it is held for lost.
   *
   * @default '40s', as in Kubernetes
   */
  nodeLostAfter?: Duration
  /**
   * How long pods stay on a node that is lost, where they do not say so themselves, before they are evicted. In whole
   * seconds.
   *
   * @default '300s', as in Kubernetes
   */
  podsEvictedAfter?: Duration
  /**
   * How many labs, and so how many spec files, at a time.
   *
   * @default 4
   */
  atATime?: number
}

/**
 * Prometheus, or what speaks its HTTP API. What is not set here is taken from the environment: CHAOS_TEST_PROMETHEUS_URL,
 * _BEARER_TOKEN, _USERNAME and _PASSWORD, _HEADERS (`name=value,…`), _CA, _CERT and _KEY (paths). Secrets are shown nowhere.
 */
export interface PrometheusConfig {
  /** The base URL of its API, with its path prefix if it has one. */
  url?: string | undefined
  /** Sent as `Authorization: Bearer …`. Not beside `basicAuth`. */
  bearerToken?: string | undefined
  /** Sent as `Authorization: Basic …`. Not beside `bearerToken`. */
  basicAuth?: { username: string; password: string } | undefined
  /** Sent with each request, such as the tenant of Mimir: `{ 'X-Scope-OrgID': 'shop' }`. */
  headers?: Readonly<Record<string, string>> | undefined
  /** Where `url` is https. */
  tls?: TlsConfig | undefined
}

/** Paths are of PEM files, relative to the config. */
export interface TlsConfig {
  /** Who is trusted. @default whom Node.js trusts */
  ca?: string | undefined
  /** Our own certificate, for a server that asks for one. */
  cert?: string | undefined
  /** Its private key. */
  key?: string | undefined
  /** The name that the server's certificate must be for. @default that of the URL */
  serverName?: string | undefined
  /** Accepts whatever certificate the server has. @default false */
  insecure?: boolean | undefined
}

/** `http://HOST:PORT/metrics` has what users count and what the run does, for a Prometheus of yours. */
export interface MetricsConfig {
  /** 1 to 65535. `--metrics-port` says it, too. */
  port: number
  /** @default '127.0.0.1' */
  host?: string
  /** How long a run that was scraped waits in the end to be scraped once more. @default '5s' */
  linger?: Duration
}

/** What is not said here, the environment may say: `OTEL_EXPORTER_OTLP_ENDPOINT` and the others of OpenTelemetry. */
export interface TracesConfig {
  /** Where spans are sent by OTLP/HTTP, as `http://localhost:4318`; the lab collects its own as well. */
  endpoint?: string
  /** @default 'http/protobuf' */
  protocol?: OtlpProtocol
  /** Sent to the endpoint with each export: what lets us in. Shown nowhere. */
  headers?: Readonly<Record<string, string>>
  /** Where spans are sent in Zipkin's format, as `http://localhost:9411/api/v2/spans`. */
  zipkin?: string
  /**
   * Of how many users' requests the whole trace is kept. Of the others, up to 100 a second that failed or were slow.
   *
   * @default '100/s'
   */
  requests?: Rate
  /**
   * From when on a users' request is slow.
   *
   * @default '1s'
   */
  slow?: Duration
  /**
   * Turns on Vitest's own (experimental) tracing beside ours, sent to the same places: how long it took to load what,
   * around each hypothesis.
   *
   * @default false
   */
  vitest?: boolean
  /** Where people look at a trace. */
  link?: TraceLink
  /** Where the services of a cluster send their spans, to have them in the run's own traces and in its report. */
  readBack?: TraceSource
}

/** A back end of traces, by the address of its API. */
export type TraceSource = ({ jaeger: string } | { tempo: string }) & {
  /** Sent with each request: what lets us in, or a tenant. Shown nowhere. */
  headers?: Readonly<Record<string, string>>
  /** How long the end of a run waits for the back end to take them in. @default '5s' */
  within?: Duration
}

/**
 * A page for a trace: of a tool that is known, by its address; or any URL with `{traceId}`, and perhaps `{spanId}`,
 * `{startMs}` and `{endMs}` (milliseconds since the epoch), `{start}` and `{end}` (seconds).
 */
export type TraceLink =
  | string
  | { jaeger: string }
  /** Grafana's address, and the uid of its Tempo data source. */
  | { tempo: string; datasource: string }
  | { zipkin: string }
  | { honeycomb: HoneycombPlace }
  /** The site, as `datadoghq.eu`. */
  | { datadog: string }

export interface HoneycombPlace {
  team: string
  environment: string
  dataset: string
  /** @default 'https://ui.honeycomb.io' */
  url?: string
}

/** Durations such as `'90s'` or `'5m'`. */
export interface TimeoutsConfig {
  /** For a hypothesis, its steady-state checks and its rollback apart. @default '5m' */
  hypothesis?: Duration
  /** For a hook such as `beforeAll`. @default '2m' */
  hook?: Duration
  /** For a rollback, on top of the others. @default '5m' */
  rollback?: Duration
}

/**
 * Types a config.
 *
 * @example
 * export default defineConfig({
 *   lab: { images: { 'counter/service2': { command: ['node', 'app/service2.ts'], env: { VERSION: '{tag}' } } } },
 * })
 */
export function defineConfig(config: ChaosConfig): ChaosConfig {
  return config
}
