/**
 * The kubelet: pods as processes of this machine. It speaks the Kubernetes API alone, so it works for any API server.
 */
import { resolve } from 'node:path'
import { systemClock } from '../../support/clock.ts'
import { loopbackAddress } from '../addresses.ts'
import { type ApiAccess, ApiClient, eventRecorder } from '../client/index.ts'
import type { ImageCatalogue } from '../images.ts'
import { PodAddresses } from './addresses.ts'
import type { NodeContext } from './context.ts'
import { startGuard } from './guard.ts'
import { LagMeter } from './lag.ts'
import { Launcher } from './launcher.ts'
import { openLifeline } from './lifeline.ts'
import { NodeMachine } from './machine.ts'
import { requireSupportedPlatform } from './platform.ts'
import { serveQuestions } from './questions.ts'
import { apiServerService } from './service-environment.ts'
import { type KubeletTimings, kubernetesTimings } from './timings.ts'

export { Launcher, type RunningProgram, StartError } from './launcher.ts'
export { sweep } from './leftovers.ts'
export { requireSupportedPlatform } from './platform.ts'
export { logPath, podFolder } from './program.ts'
export { type KubeletTimings, kubernetesTimings } from './timings.ts'

export interface KubeletOptions {
  /** The node that it is, as in `lab-node-1`. */
  nodeName: string
  /** The first three octets of its pods' addresses, as in `198.18.64`. */
  podRange: string
  /** The working directory of the pods' processes. */
  root: string
  /** The lab's private folder: logs go to `pods/`, and what it has started to `processes/`. */
  home: string
  images: ImageCatalogue
  /** Variables for every container: they win over those of its image, and lose to its own. */
  environment?: Readonly<Record<string, string>>
  /** Times other than Kubernetes'. */
  timings?: Partial<KubeletTimings>
}

export interface RunningKubelet {
  /** Ends every pod at once. Resolves when the last process has ended. */
  stop(): Promise<void>
}

/**
 * Registers a node and runs the pods that are bound to it, as processes that never outlive this one. To be called from
 * the main thread. A lab that starts in a home that was used before calls `sweep(home)` first.
 *
 * @throws CHAOS_LAB_UNSUPPORTED_PLATFORM, or the API client's error when the node cannot be registered
 *
 * @example
 * const kubelet = await startKubelet(access, { nodeName: 'lab-node-1', podRange: '198.18.64', root, home, images })
 */
export async function startKubelet(access: ApiAccess, options: KubeletOptions): Promise<RunningKubelet> {
  requireSupportedPlatform()
  const home = resolve(options.home)
  const clock = systemClock
  const client = new ApiClient(access, `kubelet/${options.nodeName}`)
  const recorder = eventRecorder(client, 'kubelet', { host: options.nodeName })
  const addresses = new PodAddresses(options.podRange)
  const lifeline = await openLifeline(loopbackAddress(addresses.node))
  const questions = await serveQuestions({
    host: loopbackAddress(addresses.node),
    token: access.token,
    machine: () => machine,
  })
  const lag = new LagMeter()
  const guard = startGuard(home)
  const node: NodeContext = {
    client,
    clock,
    timings: { ...kubernetesTimings, ...options.timings },
    nodeName: options.nodeName,
    nodeIP: addresses.node,
    images: options.images,
    root: options.root,
    home,
    environment: options.environment ?? {},
    apiServer: apiServerService(access.server),
    lifeline: lifeline.address,
    logPort: questions.port,
    launcher: new Launcher(home),
    recorder,
    lag,
  }
  const machine = new NodeMachine(node, addresses)
  const stop = async () => {
    await machine.stop()
    await recorder.flush()
    client.close()
    lifeline.close()
    await questions.close()
    lag.stop()
    await guard.release()
  }
  try {
    await machine.start()
  } catch (error) {
    await stop()
    throw error
  }
  return { stop }
}
