import { mkdirSync } from 'node:fs'
import { ApiClient, isConflict, keyOf } from './client/index.ts'
import { startControllers } from './controllers/index.ts'
import { writeKubeconfig } from './kubeconfig.ts'
import { startKubelet, sweep } from './kubelet/index.ts'
import type { Manifest } from './manifestFiles.ts'
import { applyManifests, readManifests, requireKnownImages } from './manifests.ts'
import { startMetrics } from './metrics/index.ts'
import { startServiceProxy } from './network/index.ts'
import type { LabInfo, LabOptions } from './process.ts'
import { deploymentsAvailable } from './readiness.ts'
import { type ClaimedSlot, claimSlot, isAddressInUse } from './slot.ts'
import { startTraceReceiver } from './traces/index.ts'

const METRICS_PORT = 9090
const TRACES_PORT = 4318
const SCRAPE_INTERVAL_MS = 200
const READY_TIMEOUT_MS = 60_000

interface Stoppable {
  stop(): Promise<void>
}

/** The parts of a lab that run in this process. They know each other by the API only. */
export class LabParts {
  readonly #ending = new AbortController()
  readonly #started: Stoppable[] = []
  #stopping: Promise<void> | undefined

  /**
   * Starts all parts, applies the manifests and awaits their deployments. What was started stays until `stop()`, also
   * when this rejects.
   *
   * @throws CHAOS_NO_LAB_SLOT, CHAOS_MANIFEST_…, CHAOS_IMAGE_UNKNOWN, CHAOS_LAB_NOT_READY
   */
  async start(options: LabOptions): Promise<LabInfo> {
    const manifests = readManifests(options.manifests ?? [], options.root)
    requireKnownImages(manifests, options.images)
    mkdirSync(options.home, { recursive: true, mode: 0o700 })
    sweep(options.home)
    const slot = await claimSlot()
    this.#keep({ stop: () => slot.server.close() })
    const kubeconfig = writeKubeconfig(options.home, slot.server.access)
    const [urls] = await Promise.all([this.#startParts(slot, options), this.#prepare(slot, manifests, options.home)])
    return { name: options.name, pid: process.pid, slot: slot.addresses.slot, kubeconfig, ...urls }
  }

  /** Ends the parts in the order that leaves nobody speaking to one that is gone. Never rejects. */
  stop(): Promise<void> {
    this.#ending.abort(new Error('The lab was stopped while it started.'))
    this.#stopping ??= this.#stopAll()
    return this.#stopping
  }

  async #startParts(slot: ClaimedSlot, options: LabOptions): Promise<Pick<LabInfo, 'prometheusUrl' | 'otlpUrl'>> {
    const { host, server, addresses } = slot
    const scrapeIntervalMs = options.scrapeIntervalMs ?? SCRAPE_INTERVAL_MS
    const [podRange = ''] = addresses.podRanges
    const startPods = async () => {
      const traces = this.#keep(await onPort(TRACES_PORT, (port) => startTraceReceiver({ host, port })))
      const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: traces.url }
      const { root, home, images } = options
      this.#keep(
        await startKubelet(server.access, { nodeName: 'lab-node-1', podRange, root, home, images, environment }),
      )
      return traces
    }
    const [traces, metrics] = await Promise.all([
      startPods(),
      onPort(METRICS_PORT, (port) => startMetrics(server.access, { host, port, scrapeIntervalMs })).then(this.#keep),
      startServiceProxy(server.access).then(this.#keep),
      startControllers(server.access, { onError: noteError }).then(this.#keep),
    ])
    return { prometheusUrl: metrics.url, otlpUrl: traces.url }
  }

  async #prepare({ server }: ClaimedSlot, manifests: readonly Manifest[], home: string): Promise<void> {
    if (manifests.length === 0) return
    const client = new ApiClient(server.access)
    try {
      await applyManifests(client, manifests)
      const keys = manifests
        .filter(({ object }) => object.kind === 'Deployment')
        .map(({ object: { metadata } }) => keyOf({ metadata: { namespace: 'default', ...metadata } }))
      await deploymentsAvailable(client, { keys, home, timeoutMs: READY_TIMEOUT_MS, signal: this.#ending.signal })
    } finally {
      await client.close()
    }
  }

  /** A part that starts after the end has begun ends at once. */
  readonly #keep = <Part extends Stoppable>(part: Part): Part => {
    if (this.#ending.signal.aborted) void part.stop()
    else this.#started.push(part)
    return part
  }

  async #stopAll(): Promise<void> {
    const [server, ...parts] = this.#started
    await Promise.allSettled(parts.map((part) => part.stop()))
    await Promise.allSettled([server?.stop()])
  }
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
