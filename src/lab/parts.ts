import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { writeKubeconfig } from './apiserver/kubeconfig.ts'
import { ApiClient, isConflict, keyOf } from './client/index.ts'
import { startControllers } from './controllers/index.ts'
import { claimHome } from './home.ts'
import { isAddressInUse } from './http/listening.ts'
import { type KubeletTimings, kubernetesTimings, Launcher, startKubelet, sweep } from './kubelet/index.ts'
import type { Manifest } from './manifest-files.ts'
import { applyManifests, readManifests, requireKnownImages } from './manifests.ts'
import { startMetrics } from './metrics/index.ts'
import { startServiceProxy } from './network/index.ts'
import { type RunningNameServer, startNameServer } from './network/names.ts'
import type { LabInfo, LabOptions } from './process.ts'
import { deploymentsAvailable } from './readiness.ts'
import { type ClaimedSlot, claimSlot } from './slot.ts'
import { startTraceReceiver, type TraceReceiver } from './traces/index.ts'

const metricsPort = 9090
const tracesPort = 4318
const defaultScrapeIntervalMs = 200
const readyTimeoutMs = 60_000

interface Stoppable {
  stop(): Promise<void>
}

/** The parts of a lab that run in this process. They know each other by the API only. */
export class LabParts {
  readonly #ending = new AbortController()
  readonly #parts: Promise<Stoppable>[] = []
  #slot: Promise<ClaimedSlot> | undefined
  #stopping: Promise<void> | undefined

  /**
   * Starts all parts, applies the manifests and awaits their deployments. What was started stays until `stop()`, also
   * when this rejects.
   *
   * @throws CHAOS_LAB_RUNNING, CHAOS_NO_LAB_SLOT, CHAOS_MANIFEST_…, CHAOS_IMAGE_UNKNOWN, CHAOS_LAB_NOT_READY
   */
  async start(options: LabOptions): Promise<LabInfo> {
    const manifests = readManifests(options.manifests ?? [], options.root)
    requireKnownImages(manifests, options.images)
    mkdirSync(options.home, { recursive: true, mode: 0o700 })
    await claimHome(options.home)
    sweep(options.home)
    this.#slot = claimSlot(options)
    const slot = await this.#slot
    const kubeconfig = join(options.home, 'kubeconfig')
    writeKubeconfig(kubeconfig, slot.server.access)
    const [urls] = await Promise.all([this.#startParts(slot, options), this.#prepare(slot, manifests, options.home)])
    return { name: options.name, pid: process.pid, slot: slot.addresses.slot, kubeconfig, ...urls }
  }

  /** Ends what was started, the API server last. Never rejects. */
  stop(): Promise<void> {
    this.#ending.abort(new Error('The lab was stopped while it started.'))
    this.#stopping ??= this.#stopAll()
    return this.#stopping
  }

  async #startParts(slot: ClaimedSlot, options: LabOptions): Promise<Pick<LabInfo, 'prometheusUrl' | 'otlpUrl'>> {
    const { host, server, addresses } = slot
    const { access } = server
    const { root, home, images, scrapeIntervalMs = defaultScrapeIntervalMs, metricsBackend } = options
    const traces = this.#part(() => onPort(tracesPort, (port) => startTraceReceiver({ host, port })))
    const names = this.#part(() => startNameServer(access, { host }))
    const startNode = async (podRange: string, index: number) => {
      const environment = podEnvironment(await traces, await names)
      const nodeName = `lab-node-${index + 1}`
      return startKubelet(access, { nodeName, podRange, root, home, images, environment, timings: heartbeat(options) })
    }
    const prometheus = metricsBackend === 'prometheus' ? { prometheus: { launcher: new Launcher(home), home } } : {}
    const [{ url: otlpUrl }, metrics] = await Promise.all([
      traces,
      this.#part(() =>
        onPort(metricsPort, (port) => startMetrics(access, { host, port, scrapeIntervalMs, ...prometheus })),
      ),
      names,
      this.#part(() => startServiceProxy(access)),
      this.#part(() =>
        startControllers(access, {
          onError: noteError,
          ...(options.nodeGraceMs ? { nodeGraceMs: options.nodeGraceMs } : {}),
          ...(options.controllers ? { controllers: options.controllers } : {}),
        }),
      ),
      ...addresses.podRanges
        .slice(0, options.nodes ?? 1)
        .map((podRange, index) => this.#part(() => startNode(podRange, index))),
    ])
    return { prometheusUrl: metrics.url, otlpUrl }
  }

  async #prepare({ server }: ClaimedSlot, manifests: readonly Manifest[], home: string): Promise<void> {
    if (manifests.length === 0) return
    const client = new ApiClient(server.access)
    try {
      await applyManifests(client, manifests)
      const keys = manifests
        .filter(({ object }) => object.kind === 'Deployment')
        .map(({ object: { metadata } }) => keyOf({ metadata: { namespace: 'default', ...metadata } }))
      await deploymentsAvailable(client, { keys, home, timeoutMs: readyTimeoutMs, signal: this.#ending.signal })
    } finally {
      client.close()
    }
  }

  /** @throws when the lab ends already: then nothing more is started. */
  #part<Part extends Stoppable>(start: () => Promise<Part>): Promise<Part> {
    this.#ending.signal.throwIfAborted()
    const part = start()
    this.#parts.push(part)
    return part
  }

  async #stopAll(): Promise<void> {
    await Promise.allSettled(this.#parts.map(async (part) => (await part).stop()))
    const slot = await this.#slot?.catch(() => undefined)
    await slot?.server.close()
  }
}

/** A node speaks up several times in the time after which its silence means something. */
function heartbeat({ nodeGraceMs = Number.POSITIVE_INFINITY }: LabOptions): Pick<KubeletTimings, 'nodeStatusMs'> {
  return { nodeStatusMs: Math.min(kubernetesTimings.nodeStatusMs, nodeGraceMs / 4) }
}

/** For the lab's log. That two writers met is no error: the one who lost looks again. */
function noteError(key: string, error: unknown): void {
  if (!isConflict(error)) console.error(`${new Date().toISOString()} sync of ${key}:`, error)
}

/** On the port where people look for it, or, where another program has that, on any other. */
async function onPort<Part>(port: number, start: (port: number) => Promise<Part>): Promise<Part> {
  try {
    return await start(port)
  } catch (error) {
    if (!isAddressInUse(error)) throw error
    return start(0)
  }
}

/** What every pod is told of the lab. */
function podEnvironment(traces: TraceReceiver, names: RunningNameServer): Record<string, string> {
  return {
    LAB_NAMES: names.address,
    OTEL_EXPORTER_OTLP_ENDPOINT: traces.url,
    OTEL_EXPORTER_ZIPKIN_ENDPOINT: `${traces.url}/api/v2/spans`,
    ...compileCache(),
  }
}

/** Pods that run Node start sooner with the cache of compiled code that this process was given. */
function compileCache(): Record<string, string> {
  const { NODE_COMPILE_CACHE } = process.env
  return NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE }
}
