import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readKubeconfig } from '../../../src/lab/apiserver/kubeconfig.ts'
import type { ApiAccess } from '../../../src/lab/client/index.ts'
import { type ControllerName, startControllers } from '../../../src/lab/controllers/index.ts'
import { startLab } from '../../../src/lab/index.ts'
import { repository } from '../../support/project.ts'
import { realClusterAccess } from '../real-cluster.ts'
import { clusterSettings } from '../settings.ts'
import type { ClusterControllers } from './cluster-controllers.ts'

type Origin = 'real' | 'lab'

/** Whose API server it is, and whose controllers and scheduler. The nodes are the script's, in all of them. */
export interface Composition {
  title: string
  api: Origin
  controllers: Origin
}

/** Nothing of it is the lab's: what the others are held to. */
export const allReal: Composition = { title: 'all real', api: 'real', controllers: 'real' }

export const compositions: readonly Composition[] = [
  { title: "the lab's controllers and scheduler on a real API server", api: 'real', controllers: 'lab' },
  { title: "real controllers and a real scheduler on the lab's API server", api: 'lab', controllers: 'real' },
  { title: 'all of the lab', api: 'lab', controllers: 'lab' },
]

/**
 * The parts that are exchanged, by their names on both sides. Not among them: `disruption`, which on the one side knows
 * budgets of `policy/v1` alone, and on the other, in that version, those of `policy/v1beta1`.
 */
export const exchanged: readonly ControllerName[] = [
  'deployment',
  'replicaset',
  'endpoint',
  'scheduler',
  'garbagecollector',
  'namespace',
  'nodelifecycle',
]

/** How long a node may be silent: longer than the pause between two heartbeats of a real kubelet. */
const nodeGraceMs = 14_000

/** A control plane that runs. */
export interface ControlPlane {
  access: ApiAccess
  stop(): Promise<void>
}

/** Starts a composition, with programs like the cluster's own controllers, which must not run meanwhile. */
export async function startComposition(
  { api, controllers }: Composition,
  clusterControllers: ClusterControllers,
): Promise<ControlPlane> {
  const home = mkdtempSync(join(tmpdir(), 'control-plane-'))
  const server = await startServer(api, home, controllers === 'lab')
  const stops: (() => Promise<void>)[] = [server.stop]
  if (controllers === 'real') {
    const { kubeconfig } = server
    stops.push(await clusterControllers.startOthers({ kubeconfig, home, controllers: exchanged, nodeGraceMs }))
  } else if (api === 'real') {
    const ours = await startControllers(server.access, { controllers: exchanged, nodeGraceMs })
    stops.push(() => ours.stop())
  }
  return {
    access: server.access,
    async stop() {
      for (const stop of stops.reverse()) await stop()
      rmSync(home, { recursive: true, force: true })
    },
  }
}

interface Server extends ControlPlane {
  kubeconfig: string
}

async function startServer(api: Origin, home: string, withControllers: boolean): Promise<Server> {
  if (api === 'real') {
    return { access: realClusterAccess(), kubeconfig: clusterSettings().kubeconfig, stop: async () => {} }
  }
  const controllers = withControllers ? exchanged : []
  const lab = await startLab({ name: 'swapped', root: repository, home, images: {}, controllers, nodeGraceMs })
  const { kubeconfig } = lab.info
  return { access: readKubeconfig(kubeconfig), kubeconfig, stop: () => lab.stop() }
}
