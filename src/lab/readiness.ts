import { existsSync, readFileSync } from 'node:fs'
import type { Deployment } from 'kubernetes-types/apps/v1.d.ts'
import type { ContainerStatus, Pod } from 'kubernetes-types/core/v1.d.ts'
import { ChaosError } from '../support/errors.ts'
import { formatMilliseconds } from '../support/quantities.ts'
import { type ApiClient, deployments, Informer, keyOf, pods, type Stored } from './client/index.ts'
import { logPath } from './kubelet/index.ts'
import { selects } from './labels.ts'

/** How much of a log is shown of a pod that did not become ready. */
const shownLogLines = 15

export interface ReadinessOptions {
  /** `namespace/name` of each deployment that must be available. */
  keys: readonly string[]
  /** The folder of the lab, where the logs are. */
  home: string
  timeoutMs: number
  /** The lab ends: no longer of interest. */
  signal: AbortSignal
}

/**
 * Resolves when all pods of the deployments are available.
 *
 * @throws CHAOS_LAB_NOT_READY when the time is over or a deployment gives up, with what its pods say and the end of
 *   their logs
 */
export async function deploymentsAvailable(client: ApiClient, options: ReadinessOptions): Promise<void> {
  const { keys, timeoutMs, signal } = options
  if (keys.length === 0) return
  const informer = new Informer(client, deployments)
  const judged = Promise.withResolvers<boolean>()
  const judge = () => {
    const states = keys.map((key) => stateOf(informer.get(key)))
    if (states.every((state) => state === 'available')) judged.resolve(true)
    else if (states.includes('stuck')) judged.resolve(false)
  }
  const giveUp = () => judged.resolve(false)
  const timer = setTimeout(giveUp, timeoutMs)
  signal.addEventListener('abort', giveUp)
  informer.onChange(judge)
  informer.start()
  const startedAt = performance.now()
  const isReady = await judged.promise
  clearTimeout(timer)
  signal.removeEventListener('abort', giveUp)
  await informer.stop()
  signal.throwIfAborted()
  if (isReady) return
  const late = keys.filter((key) => stateOf(informer.get(key)) !== 'available')
  const { items } = await client.list(pods)
  const found = late.map((key) => describe(key, informer.get(key), items, options.home))
  throw new ChaosError(
    'CHAOS_LAB_NOT_READY',
    `The lab's manifests were applied, but after ${formatMilliseconds(performance.now() - startedAt)} not all deployments ` +
      `are available. Correct the manifests, the images or the programs behind them.\n${found.join('\n')}`,
  )
}

function stateOf(deployment: Deployment | undefined): 'available' | 'waiting' | 'stuck' {
  if (!deployment) return 'waiting'
  const { metadata, spec, status = {} } = deployment
  const desired = spec?.replicas ?? 1
  const isObserved = (status.observedGeneration ?? 0) >= (metadata?.generation ?? 0)
  const counts = [status.replicas ?? 0, status.updatedReplicas ?? 0, status.availableReplicas ?? 0]
  if (isObserved && counts.every((count) => count === desired)) return 'available'
  const progressing = status.conditions?.find(({ type }) => type === 'Progressing')
  return progressing?.reason === 'ProgressDeadlineExceeded' ? 'stuck' : 'waiting'
}

function describe(key: string, deployment: Stored<Deployment> | undefined, all: Stored<Pod>[], home: string): string {
  const selector = deployment?.spec?.selector
  const namespace = deployment?.metadata.namespace
  const own = all.filter(
    ({ metadata }) => selector && metadata.namespace === namespace && selects(selector, metadata.labels),
  )
  const described = own.map((pod) => describePod(pod, home))
  return [`deployment ${key}: ${own.length === 0 ? 'it has no pods.' : ''}`.trimEnd(), ...described].join('\n')
}

function describePod(pod: Stored<Pod>, home: string): string {
  const { phase = 'Pending', containerStatuses = [], conditions = [] } = pod.status ?? {}
  const unscheduled = conditions.find(({ type, status }) => type === 'PodScheduled' && status === 'False')
  const reasons = unscheduled ? [unscheduled.message ?? ''] : containerStatuses.map(reasonOf)
  const logs = containerStatuses.flatMap((status) => logOf(pod, status, home))
  return [`  pod ${keyOf(pod)}: ${phase}, ${reasons.join(', ') || 'not started'}`, ...logs].join('\n')
}

function reasonOf({ name, ready, restartCount, state = {}, lastState = {} }: ContainerStatus): string {
  const { waiting, terminated = lastState.terminated } = state
  const now = waiting ? `${waiting.reason} ${waiting.message ?? ''}`.trim() : ready ? 'ready' : 'not ready'
  const before = terminated ? `; it ended with exit code ${terminated.exitCode}` : ''
  return `container "${name}" is ${now} after ${restartCount} restarts${before}`
}

function logOf(pod: Stored<Pod>, { name, restartCount }: ContainerStatus, home: string): string[] {
  const runs = [restartCount, restartCount - 1].map((run) => logPath(home, pod, name, run))
  const text = runs.filter((file) => existsSync(file)).map((file) => readFileSync(file, 'utf8').trimEnd())
  const lines = text.find((log) => log !== '')?.split('\n') ?? []
  return lines.slice(-shownLogLines).map((line) => `    ${name} | ${line}`)
}
