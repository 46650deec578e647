import { currentCluster } from '../../session/session.ts'
import { ChaosError, usageError } from '../../support/errors.ts'
import { type ChosenPods, choosePods, isChoosable, type PodChoice } from '../actions/pod-choice.ts'
import { pods } from '../api/api-resources.ts'
import type { KubernetesClient } from '../api/client.ts'
import { formatSelector } from '../api/names.ts'
import type { LabelSelector, Pod } from '../api/resources.ts'
import { zonesOf } from './nodes.ts'

/** How a handle finds its pods, once a target is there. */
export interface PodSource {
  /** In words: `the pods of deployment/web`. */
  description: string
  namespace: string | undefined
  name?: RegExp
  /** As the API has it inside objects, or as text. */
  selector(client: KubernetesClient): Promise<LabelSelector> | LabelSelector | string
}

/** Finds the pods of a source. None is an error where one is needed: an action on nobody must not look like one that worked. */
export class PodFinder {
  readonly #source: PodSource

  constructor(source: PodSource) {
    this.#source = source
  }

  get description(): string {
    return this.#source.description
  }

  get place(): { namespace: string } {
    return { namespace: this.#source.namespace ?? currentCluster().namespace }
  }

  /** All that match; none where none matches. */
  async list(client: KubernetesClient): Promise<Pod[]> {
    const selector = await this.#source.selector(client)
    const labelSelector = typeof selector === 'string' ? selector : formatSelector(selector)
    const { items } = await client.list(pods, { ...this.place, ...(labelSelector === '' ? {} : { labelSelector }) })
    const { name } = this.#source
    return items.filter(({ metadata }) => name === undefined || metadata.name.search(name) >= 0)
  }

  /** All that match. @throws CHAOS_NO_SUCH_PODS */
  async some(client: KubernetesClient, tried: string): Promise<Pod[]> {
    const found = await this.list(client)
    if (found.length === 0) throw this.#none(tried, 'at all')
    return found
  }

  /** Some of them, among those that run. @throws CHAOS_NO_SUCH_PODS, CHAOS_TOO_FEW_PODS */
  async choose(client: KubernetesClient, tried: string, choice: PodChoice): Promise<ChosenPods> {
    const found = (await this.some(client, tried)).filter(isChoosable)
    if (found.length === 0) throw this.#none(tried, 'that run and are not about to end')
    const zones = choice.onePer === 'zone' ? await zonesOf(client) : new Map<string, string>()
    return choosePods(found, choice, (node) => zones.get(node))
  }

  /**
   * Their labels, where they are chosen by these alone.
   *
   * @param who needs them: `a NetworkPolicy`
   * @throws CHAOS_BAD_ISOLATION, CHAOS_BAD_SELECTOR (usage)
   */
  async labels(client: KubernetesClient, tried: string, who: string): Promise<LabelSelector> {
    const selector = await this.#source.selector(client)
    if (typeof selector !== 'string' && !this.#source.name) return selector
    throw usageError(
      tried === 'isolate' ? 'CHAOS_BAD_ISOLATION' : 'CHAOS_BAD_SELECTOR',
      `${tried}: ${who} takes pods by their labels, and ${this.description} are chosen otherwise. Say kubernetes.pods({ labels: { app: 'web' } }), or kubernetes.deployment('web').pods().`,
    )
  }

  #none(tried: string, which: string): ChaosError {
    return new ChaosError(
      'CHAOS_NO_SUCH_PODS',
      `${tried}: there are no pods ${which} among ${this.description} in namespace "${this.place.namespace}".`,
    )
  }
}
