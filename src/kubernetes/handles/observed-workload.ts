import { alwaysBy, eventuallyBy } from '../../probes/index.ts'
import { currentSession } from '../../session/session.ts'
import { systemClock } from '../../support/clock.ts'
import { type ChaosError, deviation } from '../../support/errors.ts'
import { type Duration, formatMilliseconds, toMilliseconds } from '../../support/quantities.ts'
import type { NamedPodSet, PodGroup } from '../actions/pod-group.ts'
import { type CallSpan, call } from '../api/call.ts'
import type { KubernetesClient } from '../api/client.ts'
import { checkName, noSuch } from '../api/names.ts'
import type { ObjectReference, Workload } from '../api/resources.ts'
import type { RolloutProgress } from '../watch/progress.ts'
import { awaitRollout, type RolloutOutcome, type RolloutResult } from '../watch/rollout.ts'
import { whyNotReady } from '../watch/why-not-ready.ts'
import type { WorkloadKind } from '../watch/workload-kinds.ts'
import { type HandleOptions, referenceOf, type WithinOptions } from './handle.ts'
import { PodsHandle } from './pods.ts'

/** How much of a workload users find. */
export type Availability = 'full' | 'partial' | 'none' | 'unknown'

interface Available {
  is: Availability
  progress: RolloutProgress
}

/** What rolls out pods, as far as one can look at it and wait for it. */
export class ObservedWorkload<T extends Workload> implements PodGroup {
  readonly name: string
  readonly #kind: WorkloadKind<T>
  readonly #namespace: string | undefined

  constructor(kind: WorkloadKind<T>, name: string, options: HandleOptions = {}) {
    this.name = checkName(kind.kind, name)
    this.#kind = kind
    this.#namespace = options.namespace
  }

  /** Its pods: what its selector finds. */
  pods(): PodsHandle {
    return new PodsHandle({
      description: `the pods of ${this.subject}`,
      namespace: this.#namespace,
      selector: async (client) => (await this.read(client, 'pods')).spec.selector,
    })
  }

  /** @internal */
  async podSet(client: KubernetesClient, tried: string): Promise<NamedPodSet> {
    return await this.pods().podSet(client, tried)
  }

  /** Waits for the end of the rollout, and says how it ended. Its steps are events. */
  async rolloutStatus({ within }: WithinOptions): Promise<RolloutOutcome> {
    const { outcome } = await this.#awaitRollout('rolloutStatus', toMilliseconds(within))
    return outcome
  }

  /**
   * Asserts that the rollout completes in time. What it throws otherwise is a deviation: a finding about the system.
   *
   * @throws CHAOS_ROLLOUT_NOT_COMPLETE (deviated)
   *
   * @example
   * await service2.rolledOut({ within: '60s' })
   */
  async rolledOut({ within }: WithinOptions): Promise<void> {
    const withinMs = toMilliseconds(within)
    const { outcome, progress } = await this.#awaitRollout('rolledOut', withinMs)
    if (outcome === 'complete') return
    const end =
      outcome === 'deadline-exceeded'
        ? 'stopped at its progress deadline'
        : `did not complete within ${formatMilliseconds(withinMs)}`
    const condition = progress?.condition?.message ? ` Kubernetes says: ${progress.condition.message}` : ''
    const why = await this.call('why not ready', (client) => whyNotReady(client, this.#kind, this.reference))
    throw deviation(
      'CHAOS_ROLLOUT_NOT_COMPLETE',
      `The rollout of ${this.subject} ${end}: ${progress?.message ?? 'nothing was seen of it'}.${condition}${why}`,
    )
  }

  /**
   * Whether users find it: `full` when all pods are available that the present spec asks for, `partial` when some are,
   * `none` when none is, also when none is asked for. `unknown` until the cluster has looked at the present spec.
   */
  async availability(): Promise<Availability> {
    return await this.call('availability', async (client) => (await this.#availability(client, 'availability')).is)
  }

  /**
   * Waits until all pods are available that its spec asks for.
   *
   * @throws CHAOS_NOT_AVAILABLE (deviated)
   */
  async available({ within }: WithinOptions): Promise<void> {
    await this.call('available', async (client) => {
      const look = async () => this.#requireFull(await this.#availability(client, 'available'))
      await eventuallyBy(systemClock, client.signal, look, { within })
    })
  }

  /**
   * Waits until it has been rolled out and fully available for a while without a break.
   *
   * @throws CHAOS_NOT_AVAILABLE (deviated)
   *
   * @example
   * await service2.stable({ for: '10s', within: '60s' })
   */
  async stable({ for: duration, within }: WithinOptions & { for: Duration }): Promise<void> {
    await this.call('stable', async (client) => {
      const look = async () => {
        const { is, progress } = await this.#availability(client, 'stable')
        this.#requireFull({ is: progress.state === 'complete' ? is : 'unknown', progress })
      }
      const stay = () => alwaysBy(systemClock, client.signal, look, { for: duration })
      await eventuallyBy(systemClock, client.signal, stay, { within })
    })
  }

  async #availability(client: KubernetesClient, tried: string): Promise<Available> {
    const read = await this.read(client, tried)
    const progress = this.#kind.progressOf(read)
    const { desired, available } = progress.counts
    const isObserved = (read.status?.observedGeneration ?? 0) >= read.metadata.generation
    const is = available === 0 || desired === 0 ? 'none' : available < desired ? 'partial' : 'full'
    return { is: isObserved ? is : 'unknown', progress }
  }

  #requireFull({ is, progress: { message } }: Available): void {
    if (is === 'full') return
    throw deviation('CHAOS_NOT_AVAILABLE', `${this.subject} is not fully available: ${message}.`)
  }

  protected get kind(): WorkloadKind<T> {
    return this.#kind
  }

  protected get resource(): WorkloadKind<T>['resource'] {
    return this.#kind.resource
  }

  /** As kubectl names it: `deployment/service2`. */
  protected get subject(): string {
    return `${this.#kind.kind}/${this.name}`
  }

  protected get reference(): ObjectReference {
    return referenceOf(this.name, this.#namespace)
  }

  /** One call of a spec: a span, and a client whose requests end with the hypothesis. */
  protected async call<R>(
    name: string,
    work: (client: KubernetesClient, span: CallSpan) => Promise<R>,
    attributes: Record<string, string> = {},
  ): Promise<R> {
    const place = { 'k8s.namespace.name': this.reference.namespace, [`k8s.${this.#kind.kind}.name`]: this.name }
    return await call(name, { ...place, ...attributes }, work)
  }

  /** How it is now. @throws CHAOS_NO_SUCH_… */
  protected async read(client: KubernetesClient, tried: string): Promise<T> {
    const found = await client.find(this.#kind.resource, this.reference)
    if (found) return found
    throw await this.#missing(client, tried)
  }

  async #missing(client: KubernetesClient, tried: string): Promise<ChaosError> {
    const { namespace } = this.reference
    const { kind, resource } = this.#kind
    return await noSuch(kind, tried, this.reference, async () =>
      (await client.list(resource, { namespace })).items.map(({ metadata }) => metadata.name),
    )
  }

  async #awaitRollout(tried: string, withinMs: number): Promise<RolloutResult & { outcome: RolloutOutcome }> {
    return await this.call('rollout status', async (client, span) => {
      const { record } = currentSession()
      const { outcome, progress } = await awaitRollout(client.target, this.reference, {
        workload: this.#kind,
        withinMs,
        signal: client.signal,
        onProgress: ({ message, counts }) => {
          record({ type: 'action-progress', subject: this.subject, message, data: counts })
          const attributes = Object.entries(counts).map(([name, count]) => [`chaos_test.rollout.${name}`, count])
          span.addEvent(message, Object.fromEntries(attributes))
        },
      })
      if (outcome === 'gone') throw await this.#missing(client, tried)
      span.setAttributes({ 'chaos_test.rollout.outcome': outcome })
      return { outcome, ...(progress ? { progress } : {}) }
    })
  }
}
