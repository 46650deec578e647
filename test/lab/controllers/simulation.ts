import type { Deployment, ReplicaSet } from 'kubernetes-types/apps/v1.d.ts'
import { decide } from '../../../src/lab/controllers/deployment/decide.ts'
import type { Write } from '../../../src/lab/controllers/deployment/writes.ts'
import { replicasOf, sum } from '../../../src/lab/controllers/objects.ts'
import { apiTime } from '../../../src/lab/time.ts'

export interface DeploymentOptions {
  replicas?: number
  image?: string
  strategy?: NonNullable<Deployment['spec']>['strategy']
  progressDeadlineSeconds?: number
  revisionHistoryLimit?: number
}

export function deploymentOf(options: DeploymentOptions = {}): Deployment {
  const { replicas = 1, image = 'web:v1', strategy, progressDeadlineSeconds = 600, revisionHistoryLimit = 10 } = options
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default', uid: 'web-uid', generation: 1, annotations: {} },
    spec: {
      replicas,
      progressDeadlineSeconds,
      revisionHistoryLimit,
      selector: { matchLabels: { app: 'web' } },
      strategy: strategy ?? { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image }] } },
    },
  }
}

/**
 * One deployment with its ReplicaSets in a world without an API: what the deployment controller decides is done, and the
 * pods of a ReplicaSet are there at once. When they become available is the test's to say.
 */
export class Simulation {
  deployment: Deployment
  replicaSets: ReplicaSet[] = []
  readonly #begin = Date.parse('2026-01-01T00:00:00Z')
  now = this.#begin
  /** Images whose pods never become ready. */
  readonly broken = new Set<string>()
  readonly log: Write[] = []

  constructor(deployment: Deployment) {
    this.deployment = deployment
  }

  /** Changes the specification, as a user does. */
  change(spec: Partial<NonNullable<Deployment['spec']>>): void {
    const { metadata = {}, spec: present } = this.deployment
    if (!present) throw new Error('no spec')
    const generation = (metadata.generation ?? 0) + 1
    this.deployment = { ...this.deployment, metadata: { ...metadata, generation }, spec: { ...present, ...spec } }
  }

  setImage(image: string): void {
    const template = this.deployment.spec?.template
    if (!template) throw new Error('no template')
    this.change({ template: { ...template, spec: { containers: [{ name: 'web', image }] } } })
  }

  /** Lets the controller decide until it has nothing more to do. Returns when it wants to look again. */
  settle(): number | undefined {
    for (let round = 0; round < 100; round++) {
      const { deployment, replicaSets, now } = this
      const { writes, againAfterMs } = decide({ deployment, replicaSets, pods: [] }, now)
      if (writes.length === 0) return againAfterMs
      for (const write of writes) this.#apply(write)
    }
    throw new Error('the controller does not come to rest')
  }

  /** One pod that can be becomes available. Returns whether there was one. */
  onePodBecomesAvailable(): boolean {
    const waiting = this.replicaSets.find(
      (one) => (one.status?.availableReplicas ?? 0) < replicasOf(one) && !this.broken.has(imageOf(one)),
    )
    if (!waiting) return false
    const available = (waiting.status?.availableReplicas ?? 0) + 1
    this.#replace({
      ...waiting,
      status: { replicas: replicasOf(waiting), readyReplicas: available, availableReplicas: available },
    })
    return true
  }

  /** Until nothing changes any more. `afterEach` is called after each step. */
  run(afterEach: () => void = () => {}): void {
    do {
      this.now += 100
      this.settle()
      afterEach()
    } while (this.onePodBecomesAvailable())
  }

  /** The sizes of the ReplicaSets by image. */
  sizes(): Record<string, number> {
    return Object.fromEntries(this.replicaSets.map((one) => [imageOf(one), replicasOf(one)]))
  }

  get total(): number {
    return sum(this.replicaSets.map(replicasOf))
  }

  get available(): number {
    return sum(this.replicaSets.map((one) => one.status?.availableReplicas ?? 0))
  }

  condition(type: string): string | undefined {
    const found = this.deployment.status?.conditions?.find((condition) => condition.type === type)
    return found && `${found.status} ${found.reason}`
  }

  annotation(image: string, name: string): string | undefined {
    const found = this.replicaSets.find((one) => imageOf(one) === image)
    return found?.metadata?.annotations?.[`deployment.kubernetes.io/${name}`]
  }

  #apply(write: Write): void {
    this.log.push(write)
    switch (write.type) {
      case 'update-status':
        this.deployment = write.deployment
        return
      case 'create-replica-set':
        this.replicaSets.push(this.#created(write.replicaSet))
        return
      case 'delete-replica-set':
        this.replicaSets = this.replicaSets.filter(({ metadata }) => metadata?.uid !== write.replicaSet.metadata?.uid)
        return
      default:
        this.#replace(write.replicaSet)
    }
  }

  #created(replicaSet: ReplicaSet): ReplicaSet {
    const metadata = {
      ...replicaSet.metadata,
      uid: `uid-${replicaSet.metadata?.name}`,
      // Each a second later than the one before: the API writes whole seconds.
      creationTimestamp: apiTime(this.#begin + 1000 * this.log.length),
      generation: 1,
    }
    return { ...replicaSet, metadata, status: { replicas: replicasOf(replicaSet), observedGeneration: 1 } }
  }

  /** Pods of a ReplicaSet that shrinks go at once, those that are not available first. */
  #replace(next: ReplicaSet): void {
    const replicas = replicasOf(next)
    const available = Math.min(next.status?.availableReplicas ?? 0, replicas)
    const status = { observedGeneration: 1, replicas, readyReplicas: available, availableReplicas: available }
    this.replicaSets = this.replicaSets.map((one) =>
      one.metadata?.uid === next.metadata?.uid ? { ...next, status } : one,
    )
  }
}

export function imageOf(replicaSet: ReplicaSet): string {
  return replicaSet.spec?.template?.spec?.containers[0]?.image ?? ''
}
