import { cpSync, globSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { ChaosEvent } from '../../src/journal/events.ts'
import type { ExperimentJournal } from '../../src/journal/types.ts'
import { startMetrics } from '../../src/lab/metrics/index.ts'
import { Project, repository } from '../support/project.ts'
import type { CounterApp } from './counter-app.ts'
import type { RealCluster } from './real-cluster.ts'

const SCRAPE_INTERVAL_MS = 200

/** The specs of the rollout talk in a project of their own, for a run on the application in a real cluster. */
export interface RolloutProject {
  project: Project
  /** The arguments that name the cluster, the namespace and the Prometheus. */
  target: string[]
}

/** The lab's metrics scrape the real pods of the application here, and are the Prometheus of the run. */
export async function createRolloutProject(cluster: RealCluster, app: CounterApp): Promise<RolloutProject> {
  const metrics = await startMetrics(cluster.access, {
    host: '127.0.0.1',
    port: 0,
    scrapeIntervalMs: SCRAPE_INTERVAL_MS,
    namespace: app.namespace,
  })
  onTestFinished(() => metrics.stop())
  const config = `export default { prometheus: { url: '${metrics.url}' } }\n`
  const project = new Project({ 'cluster.config.ts': config })
  rmSync(project.path('node_modules'), { recursive: true })
  symlinkSync(join(repository, 'node_modules'), project.path('node_modules'))
  cpSync(join(repository, 'specs'), project.path('specs'), { recursive: true })
  const { kubeconfig, context } = cluster
  const on = { config: 'cluster.config.ts', kubeconfig, context, namespace: app.namespace }
  return { project, target: Object.entries(on).flatMap(([name, value]) => [`--${name}`, value]) }
}

/** The journals of the hypotheses of the only run, in the order of their files. */
export function journalsOf(project: Project): ExperimentJournal[] {
  const paths = globSync('.chaos/runs/*/experiments/*.json', { cwd: project.folder })
  return paths.sort().map((path) => JSON.parse(project.read(path)))
}

/** The events that the logs of the only run hold so far. */
export function eventsOf(project: Project): ChaosEvent[] {
  const logs = globSync('.chaos/runs/*/logs/*', { cwd: project.folder })
  const lines = logs.flatMap((path) => project.read(path).split('\n').slice(0, -1))
  return lines.map((line): ChaosEvent => JSON.parse(line)).filter(({ type }) => type !== undefined)
}
