import { randomUUID } from 'node:crypto'
import type { DeploymentStatus, ReplicaSet } from 'kubernetes-types/apps/v1.d.ts'
import type { PodTemplateSpec } from 'kubernetes-types/core/v1.d.ts'
import { expect, onTestFinished, vi } from 'vitest'
import {
  type ApiClient,
  deployments,
  isNotFound,
  namespaces,
  pods,
  replicaSets,
  type Stored,
} from '../../src/lab/client/index.ts'
import { applyManifests, readManifests } from '../../src/lab/manifests.ts'
import { repository } from '../support/project.ts'

/** service2 as it is now: what a rollback must bring back. */
export interface Version {
  template: PodTemplateSpec | undefined
  /** The names of the replica sets that have pods. */
  replicaSets: string[]
}

/** The counter application in a namespace of its own, which is deleted when the test ends. */
export class CounterApp {
  readonly namespace = `rollout-${randomUUID().slice(0, 8)}`
  readonly #client: ApiClient

  constructor(client: ApiClient) {
    this.#client = client
  }

  /** Applies the manifests of the specs as they are, and waits until both services are available. */
  async deploy(): Promise<void> {
    const { namespace } = this
    await this.#client.create(namespaces, { metadata: { name: namespace } })
    onTestFinished(() => this.#remove())
    const manifests = readManifests(['specs/rollout/manifests'], repository)
    await applyManifests(
      this.#client,
      manifests.map(({ object, place }) => ({
        place,
        object: { ...object, metadata: { ...object.metadata, namespace } },
      })),
    )
    await Promise.all(['service1', 'service2'].map((name) => this.rolledOut(name)))
  }

  /** Waits until the deployment has the pods that it asks for, all of them new and available. */
  async rolledOut(name: string): Promise<void> {
    await this.#reaches(name, { replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 })
  }

  /** Waits for the middle of a rollout: the new pod gets traffic, and the old one is still there. */
  async rollingOut(name: string): Promise<void> {
    await this.#reaches(name, { replicas: 2, updatedReplicas: 1, readyReplicas: 2, availableReplicas: 1 })
  }

  async #reaches(name: string, counts: DeploymentStatus): Promise<void> {
    const hasReached = async () => {
      const { metadata, status } = await this.#client.get(deployments, { namespace: this.namespace, name })
      expect({ name, ...status }).toMatchObject({ name, observedGeneration: metadata.generation, ...counts })
    }
    await vi.waitFor(hasReached, { timeout: 120_000, interval: 200 })
  }

  /** How long Kubernetes lets a rollout make no progress. */
  async giveTime(name: string, progressDeadlineSeconds: number): Promise<void> {
    const address = { namespace: this.namespace, name }
    const deployment = await this.#client.get(deployments, address)
    if (deployment.spec) deployment.spec.progressDeadlineSeconds = progressDeadlineSeconds
    await this.#client.replace(deployments, deployment)
    await this.rolledOut(name)
  }

  async version(name: string): Promise<Version> {
    const { namespace } = this
    const { spec } = await this.#client.get(deployments, { namespace, name })
    const { items } = await this.#client.list(replicaSets, { namespace, labelSelector: `app=${name}` })
    return { template: spec?.template, replicaSets: items.filter(hasPods).map(({ metadata }) => metadata.name) }
  }

  async #remove(): Promise<void> {
    const { namespace } = this
    await this.#client.remove(namespaces, { name: namespace })
    // Nobody uses them any more, and a namespace waits for its pods, in steps that double each time.
    const { items } = await this.#client.list(pods, { namespace })
    await Promise.all(items.map(({ metadata }) => this.#removeAtOnce(metadata.name)))
  }

  async #removeAtOnce(name: string): Promise<void> {
    try {
      await this.#client.remove(pods, { namespace: this.namespace, name }, { gracePeriodSeconds: 0 })
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }
}

function hasPods({ spec, status }: Stored<ReplicaSet>): boolean {
  return (spec?.replicas ?? 0) > 0 || (status?.replicas ?? 0) > 0
}
