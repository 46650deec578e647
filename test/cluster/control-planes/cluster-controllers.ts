import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { vi } from 'vitest'
import { type ApiClient, namespaces } from '../../../src/lab/client/index.ts'
import { freePort } from '../../prometheus/processes.ts'
import { ClusterServer } from '../cluster-server.ts'
import { serviceAccounts } from './service-accounts.ts'

export interface OtherControllersOptions {
  /** Of the API server that they are to speak to. */
  kubeconfig: string
  /** A folder for their logs. */
  home: string
  /** By their names; among them the scheduler, which always runs. */
  controllers: readonly string[]
  nodeGraceMs: number
}

/** A second: all scenes of the script at once must not wait for the clients' own limits. */
const mostRequests = 1_000

/** The controller manager and the scheduler of the real cluster. */
export class ClusterControllers {
  readonly #manager = new ClusterServer('controller-manager')
  readonly #scheduler = new ClusterServer('scheduler')

  /** Resolves when they are gone. */
  async kill(): Promise<void> {
    await Promise.all([this.#manager.kill(), this.#scheduler.kill()])
  }

  /** Those that run are left alone. Resolves when they work: a namespace has the service account that pods need. */
  async start(client: ApiClient): Promise<void> {
    this.#manager.start()
    this.#scheduler.start()
    const { metadata } = await client.create(namespaces, { metadata: { generateName: 'controlled-' } })
    const account = { namespace: metadata.name, name: 'default' }
    await vi.waitFor(() => client.get(serviceAccounts, account), { timeout: 60_000, interval: 100 })
    await client.remove(namespaces, metadata)
  }

  /** Starts the same programs once more, for another API server or with other controllers. Returns what ends them. */
  async startOthers({
    kubeconfig,
    home,
    controllers,
    nodeGraceMs,
  }: OtherControllersOptions): Promise<() => Promise<void>> {
    const config = join(home, 'scheduler.json')
    writeFileSync(config, JSON.stringify(schedulerConfiguration(kubeconfig, await freePort())))
    const withoutPorts = ['--port=0', '--secure-port=0']
    const others = [
      this.#manager.startAnother(
        [
          ...withoutPorts,
          `--kubeconfig=${kubeconfig}`,
          '--kube-api-content-type=application/json',
          `--kube-api-qps=${mostRequests}`,
          `--kube-api-burst=${mostRequests}`,
          `--controllers=${controllers.filter((name) => name !== 'scheduler')}`,
          `--node-monitor-grace-period=${nodeGraceMs}ms`,
          '--node-monitor-period=1s',
        ],
        join(home, 'controller-manager.log'),
      ),
      this.#scheduler.startAnother([...withoutPorts, `--config=${config}`], join(home, 'scheduler.log')),
    ]
    return async () => {
      await Promise.all(others.map(end))
    }
  }
}

/** Without preemption: that asks for disruption budgets in a version which the lab does not have. */
function schedulerConfiguration(kubeconfig: string, port: number): object {
  const address = `127.0.0.1:${port}`
  return {
    apiVersion: 'kubescheduler.config.k8s.io/v1beta1',
    kind: 'KubeSchedulerConfiguration',
    clientConnection: { kubeconfig, contentType: 'application/json', qps: mostRequests, burst: mostRequests },
    healthzBindAddress: address,
    metricsBindAddress: address,
    leaderElection: { leaderElect: false },
    profiles: [{ plugins: { postFilter: { disabled: [{ name: '*' }] } } }],
  }
}

async function end(program: ChildProcess): Promise<void> {
  if (program.exitCode !== null || program.signalCode !== null) return
  program.kill('SIGKILL')
  await once(program, 'exit')
}
