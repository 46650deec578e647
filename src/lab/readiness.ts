import { existsSync, readFileSync } from 'node:fs'
import type { Deployment } from 'kubernetes-types/apps/v1.d.ts'
import type { ContainerStatus, Event, Pod } from 'kubernetes-types/core/v1.d.ts'
import { ChaosError } from '../support/errors.ts'
import { formatMilliseconds } from '../support/quantities.ts'
import { type ApiClient, deployments, events, Informer, keyOf, pods, type Stored } from './client/index.ts'
import { logPath } from './kubelet/index.ts'
import { selects } from './labels.ts'

/** How much of a log is shown of a pod that did not become ready: what broke a program is often said first. */
const shownLogLines = 25

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
  const [{ items: found }, { items: happened }] = await Promise.all([client.list(pods), client.list(events)])
  const seen = { pods: found, events: happened, home: options.home }
  const described = late.map((key) => describe(key, informer.get(key), seen))
  throw new ChaosError(
    'CHAOS_LAB_NOT_READY',
    `The lab's manifests were applied, but after ${formatMilliseconds(performance.now() - startedAt)} not all deployments ` +
      `are available. Correct the manifests, the images or the programs behind them.\n${described.join('\n')}`,
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

/** What there is to explain why pods are not ready. */
interface Seen {
  pods: readonly Stored<Pod>[]
  events: readonly Stored<Event>[]
  home: string
}

function describe(key: string, deployment: Stored<Deployment> | undefined, seen: Seen): string {
  const selector = deployment?.spec?.selector
  const namespace = deployment?.metadata.namespace
  const own = seen.pods.filter(
    ({ metadata }) => selector && metadata.namespace === namespace && selects(selector, metadata.labels),
  )
  const described = own.map((pod) => describePod(pod, seen))
  // The pods of a deployment have the same to say.
  const logs = own.map((pod) => logsOf(pod, seen.home)).find((lines) => lines.length > 0) ?? []
  return [`deployment ${key}: ${own.length === 0 ? 'it has no pods.' : ''}`.trimEnd(), ...described, ...logs].join('\n')
}

function describePod(pod: Stored<Pod>, { events }: Seen): string {
  const { phase = 'Pending', containerStatuses = [], conditions = [] } = pod.status ?? {}
  const unscheduled = conditions.find(({ type, status }) => type === 'PodScheduled' && status === 'False')
  const reasons = unscheduled ? [unscheduled.message ?? ''] : containerStatuses.map(reasonOf)
  const probed = events.filter(
    ({ reason, involvedObject: { uid } }) => reason === 'Unhealthy' && uid === pod.metadata.uid,
  )
  const said = probed.at(-1)?.message
  return `  pod ${keyOf(pod)}: ${phase}, ${reasons.join(', ') || 'not started'}${said ? `; ${said}` : ''}`
}

function logsOf(pod: Stored<Pod>, home: string): string[] {
  return (pod.status?.containerStatuses ?? []).flatMap((status) => logOf(pod, status, home))
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
