import { eventuallyBy } from '../../probes/index.ts'
import { systemClock } from '../../support/clock.ts'
import { type ChaosError, deviation } from '../../support/errors.ts'
import { type Duration, toMilliseconds } from '../../support/quantities.ts'
import type { Undo } from '../../undo/types.ts'
import type { Irreversible } from '../../undo/without-undo.ts'
import { endPods } from '../actions/end-pods.ts'
import { type ExecResult, execInPods } from '../actions/exec.ts'
import { type IsolateOptions, isolatePods } from '../actions/isolation.ts'
import { requireLab } from '../actions/lab-faults.ts'
import type { PodChoice } from '../actions/pod-choice.ts'
import { partition, type SeizedPods, seizePods } from '../actions/pod-faults.ts'
import type { NamedPodSet, PodGroup } from '../actions/pod-group.ts'
import { type CallSpan, call } from '../api/call.ts'
import type { KubernetesClient } from '../api/client.ts'
import { formatSelector, wordsOf } from '../api/names.ts'
import type { HandleOptions, WithinOptions } from './handle.ts'
import { PodFinder, type PodSource } from './pod-finder.ts'
import { type LogQuery, readLogs } from './pod-logs.ts'
import { type PodStatusView, podView } from './pod-view.ts'

/** Which pods a handle means: all that match. */
export interface PodFilter extends HandleOptions {
  /** Labels: `'app=web,tier!=cache'`, or `{ app: 'web' }`. */
  labels?: string | Record<string, string>
  /** What their names match. */
  name?: RegExp
}

export interface TerminateOptions extends PodChoice {
  /** How long they may take to end; `'0s'` kills them at once. In whole seconds. @default what each pod says */
  gracePeriod?: Duration
}

export interface ProcessChoice extends PodChoice {
  /** @default all of the pod's */
  container?: string
}

export interface EvictOptions extends TerminateOptions {
  /** How long a disruption budget that blocks is asked again. @default '0s' */
  within?: Duration
}

export interface ExecOptions extends PodChoice {
  /** @default the first of the pod */
  container?: string
  /** How to undo what the command does, why nothing can, or the word that it only reads. */
  undo: Undo | Irreversible | 'reads only'
  /** @default '30s' */
  within?: Duration
}

/**
 * Pods of the target: a description, until one of its methods is called in a hook or a hypothesis.
 *
 * No pod that matches is an error (`CHAOS_NO_SUCH_PODS`), and never a success.
 */
export class PodsHandle implements PodGroup {
  readonly #pods: PodFinder

  constructor(source: PodSource) {
    this.#pods = new PodFinder(source)
  }

  /**
   * Deletes pods, as a node that drops them or an operator does it. One, by chance, unless told otherwise. Kubernetes
   * replaces them: the rollback waits until it has.
   *
   * @returns their names
   * @throws CHAOS_NO_SUCH_PODS, CHAOS_TOO_FEW_PODS
   * @throws CHAOS_POD_NOT_REPLACED when nobody would replace one of them
   *
   * @example
   * await kubernetes.deployment('web').pods().terminate({ share: '50%', order: 'oldest', gracePeriod: '0s' })
   * await kubernetes.pods({ labels: 'app=web' }).terminate({ onePer: 'node', seed: 7 })
   */
  async terminate(options: TerminateOptions = {}): Promise<string[]> {
    return await this.#call('terminate pods', async (client) => {
      const chosen = await this.#pods.choose(client, 'terminate', options)
      return await endPods(client, { verb: 'terminate', description: this.#pods.description, ...chosen, options })
    })
  }

  /**
   * Evicts pods, as draining a node does it: a PodDisruptionBudget may forbid it.
   *
   * @returns their names
   * @throws CHAOS_EVICTION_BLOCKED when a budget blocks one of them, with its name: those before it were evicted
   */
  async evict(options: EvictOptions = {}): Promise<string[]> {
    return await this.#call('evict pods', async (client) => {
      const chosen = await this.#pods.choose(client, 'evict', options)
      return await endPods(client, { verb: 'evict', description: this.#pods.description, ...chosen, options })
    })
  }

  /**
   * Runs a command in pods; in one of them unless told otherwise. Its effects are the spec's to undo.
   *
   * @example
   * await web.pods().exec(['cat', '/etc/hostname'], { undo: 'reads only' })
   */
  async exec(command: readonly string[], options: ExecOptions): Promise<ExecResult[]> {
    return await this.#call('exec', async (client) => {
      const { chosen, among } = await this.#pods.choose(client, 'exec', options)
      const { container, undo, within = '30s' } = options
      const withinMs = toMilliseconds(within)
      const { description } = this.#pods
      return await execInPods(client, { chosen, among, description, command, undo, withinMs, container })
    })
  }

  /**
   * Cuts all of them off by a NetworkPolicy, until the rollback deletes it. Not every network enforces one, so that a
   * proof is asked for; without it the hypothesis is inconclusive. Not in a lab.
   *
   * @throws CHAOS_NO_PROOF, CHAOS_NOT_ENFORCED (inconclusive)
   *
   * @example
   * await service2.pods().isolate({ ingress: true, proof: () => probe.http(url) })
   */
  async isolate(options: IsolateOptions): Promise<void> {
    await this.#call('isolate', async (client) => {
      const selector = await this.#pods.labels(client, 'isolate', 'a NetworkPolicy')
      const chosen = await this.#pods.some(client, 'isolate')
      await isolatePods(client, { ...this.#pods.place, selector, description: this.#pods.description, chosen, options })
    })
  }

  /**
   * Kills the processes of pods by SIGKILL, as the kernel does it when memory runs out: their containers start again as
   * their pods say. One pod, by chance, unless told otherwise. Only in a lab, as all that follows.
   *
   * @returns their names
   * @throws CHAOS_LAB_ONLY on a cluster, as each of them
   */
  async kill(choice: ProcessChoice = {}): Promise<string[]> {
    return await this.#seize('kill', choice)
  }

  /**
   * Stops the processes of pods by SIGSTOP: they accept connections and answer nothing, until the rollback, or until a
   * liveness probe has them started again. One pod, by chance, unless told otherwise. Only in a lab.
   *
   * @returns their names
   *
   * @example
   * await kubernetes.deployment('service2').pods().hang({ count: 'all' })
   */
  async hang(choice: ProcessChoice = {}): Promise<string[]> {
    return await this.#seize('hang', choice)
  }

  /**
   * Kills the processes of pods each time that they have started, until the rollback. One pod, by chance, unless told
   * otherwise. Only in a lab.
   *
   * @returns their names
   */
  async crashLoop(choice: ProcessChoice = {}): Promise<string[]> {
    return await this.#seize('crashLoop', choice)
  }

  /**
   * Cuts all of them off from others, in both directions, as far as they call each other by services: nothing arrives any
   * more. Everybody else reaches both. Only in a lab.
   *
   * @example
   * await kubernetes.deployment('service1').pods().partition({ from: kubernetes.deployment('service2') })
   */
  async partition({ from }: { from: PodGroup }): Promise<void> {
    await this.#call('partition', async (client) => {
      await requireLab(client, 'partition')
      const names = (await this.#pods.some(client, 'partition')).map(({ metadata }) => metadata.name)
      const cutOff = { group: await this.podSet(client, 'partition'), names }
      await partition(client, cutOff, await from.podSet(client, 'partition'))
    })
  }

  /** @internal */
  async podSet(client: KubernetesClient, tried: string): Promise<NamedPodSet> {
    const labels = await this.#pods.labels(client, tried, 'a fault of the lab')
    return { set: { ...this.#pods.place, pods: labels }, description: this.#pods.description }
  }

  /** What the pods have written, by their names. */
  async logs(query: LogQuery = {}): Promise<Record<string, string>> {
    return await this.#call(
      'logs',
      async (client) => await readLogs(client, await this.#pods.some(client, 'logs'), query),
    )
  }

  /**
   * Waits until one of the pods has written a line that matches.
   *
   * @returns the line
   * @throws CHAOS_LOG_LINE_MISSING (deviated)
   *
   * @example
   * await web.pods().logged(/connection to .* lost/, { within: '10s' })
   */
  async logged(pattern: RegExp, { within, ...query }: LogQuery & WithinOptions): Promise<string> {
    return await this.#call('logged', async (client) => {
      const look = async () => {
        const logs = await readLogs(client, await this.#pods.some(client, 'logged'), query)
        const lines = Object.values(logs).flatMap((log) => log.split('\n'))
        const line = lines.find((line) => line.search(pattern) >= 0)
        if (line === undefined) throw this.#notLogged(pattern, Object.keys(logs))
        return line
      }
      return await eventuallyBy(systemClock, client.signal, look, { within })
    })
  }

  /** How each of them is; none where none matches. */
  async statuses(): Promise<PodStatusView[]> {
    return await this.#call('pods', async (client) => (await this.#pods.list(client)).map(podView))
  }

  /** How often their containers were restarted, all together. */
  async restarts(): Promise<number> {
    return (await this.statuses()).reduce((sum, { restarts }) => sum + restarts, 0)
  }

  /** How many match. */
  async count(): Promise<number> {
    return (await this.statuses()).length
  }

  async #seize(effect: SeizedPods['effect'], { container, ...choice }: ProcessChoice): Promise<string[]> {
    return await this.#call(wordsOf(effect), async (client) => {
      await requireLab(client, effect)
      const chosen = await this.#pods.choose(client, effect, choice)
      return await seizePods(client, { ...chosen, effect, container, description: this.#pods.description })
    })
  }

  #notLogged(pattern: RegExp, names: readonly string[]): ChaosError {
    return deviation(
      'CHAOS_LOG_LINE_MISSING',
      `None of ${this.#pods.description} (${names.join(', ')}) has written a line that matches ${pattern}.`,
    )
  }

  async #call<T>(name: string, work: (client: KubernetesClient, span: CallSpan) => Promise<T>): Promise<T> {
    return await call(name, { 'k8s.namespace.name': this.#pods.place.namespace }, work)
  }
}

/** Pods by their labels and names. */
export function podsBy({ labels = '', name, namespace }: PodFilter): PodsHandle {
  const selector = typeof labels === 'string' ? labels : { matchLabels: labels }
  const text = typeof labels === 'string' ? labels : formatSelector({ matchLabels: labels })
  const words = [...(text === '' ? [] : [text]), ...(name === undefined ? [] : [String(name)])].join(' ')
  return new PodsHandle({
    description: words === '' ? 'the pods' : `the pods ${words}`,
    namespace,
    ...(name === undefined ? {} : { name }),
    selector: () => selector,
  })
}
