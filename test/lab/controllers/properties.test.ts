import type { ReplicaSet } from 'kubernetes-types/apps/v1.d.ts'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { describe, expect, test } from 'vitest'
import { decide } from '../../../src/lab/controllers/deployment/decide.ts'
import { surgeAndUnavailable } from '../../../src/lab/controllers/deployment/fenceposts.ts'
import { budgetStatus } from '../../../src/lab/controllers/disruption/decide.ts'
import { subsetsOf } from '../../../src/lab/controllers/endpoints/subsets.ts'
import { slicesOf } from '../../../src/lab/controllers/endpointslices/slices.ts'
import { readySince, replicasOf, sum } from '../../../src/lab/controllers/objects.ts'
import { differenceOf } from '../../../src/lab/controllers/replicaset/decide.ts'
import { Choices } from '../../support/choices.ts'
import { deploymentOf, Simulation } from './simulation.ts'

// What holds for whatever happens: each number is a seed, and a world of its own.
const seeds = Array.from({ length: 300 }, (_, seed) => seed)

const now = Date.parse('2026-01-01T00:10:00Z')

function podOf(choices: Choices, index: number): Pod {
  const at = `2026-01-01T00:0${choices.below(10)}:00Z`
  const ready = choices.chance(0.6)
  return {
    metadata: {
      name: `p${index}`,
      namespace: 'default',
      uid: `p${index}`,
      creationTimestamp: at,
      ...(choices.chance(0.1) ? { deletionTimestamp: at } : {}),
    },
    spec: {
      ...(choices.chance(0.9) ? { nodeName: choices.of(['a', 'b', 'c']) } : {}),
      containers: [{ name: 'web', ports: [{ name: 'http', containerPort: 8000 }] }],
    },
    status: {
      phase: ready ? 'Running' : choices.of(['Pending', 'Running']),
      ...(choices.chance(0.9) ? { podIP: `198.18.64.${index + 2}` } : {}),
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: at }],
      containerStatuses: [{ name: 'web', image: '', imageID: '', ready, restartCount: choices.below(3) }],
    },
  }
}

const podsOf = (choices: Choices) => Array.from({ length: choices.below(30) }, (_, index) => podOf(choices, index))

describe('a deployment', () => {
  const share = (choices: Choices) => choices.of<number | string>([0, 1, 2, 5, '0%', '1%', '25%', '50%', '100%'])

  function world(choices: Choices): Simulation {
    const simulation = new Simulation(
      deploymentOf({
        replicas: choices.below(20),
        strategy: {
          type: 'RollingUpdate',
          rollingUpdate: { maxSurge: share(choices), maxUnavailable: share(choices) },
        },
      }),
    )
    simulation.run()
    return simulation
  }

  const desiredOf = ({ deployment }: Simulation) => replicasOf(deployment)
  const mostPods = (simulation: Simulation) => desiredOf(simulation) + surgeAndUnavailable(simulation.deployment).surge
  const leastAvailable = (simulation: Simulation) =>
    desiredOf(simulation) - surgeAndUnavailable(simulation.deployment).unavailable

  /** One of its available pods is no longer so, by no doing of the controller. */
  function onePodFails(simulation: Simulation, choices: Choices): void {
    const victim = choices.of(simulation.replicaSets)
    const available = (victim?.status?.availableReplicas ?? 0) - 1
    if (!victim?.status || available < 0) return
    const status = { ...victim.status, availableReplicas: available, readyReplicas: available }
    simulation.replicaSets = simulation.replicaSets.map((one) => (one === victim ? { ...victim, status } : one))
  }

  test.each(seeds)(
    'has never more than n + surge pods, nor fewer available than n − unavailable because of us (%i)',
    (seed) => {
      const choices = new Choices(seed)
      const simulation = world(choices)
      for (let step = 0; step < 60; step++) {
        const replicas = desiredOf(simulation)
        choices.weighted<unknown>([
          [3, () => simulation.setImage(choices.of(['web:v1', 'web:v2', 'web:v3']))],
          [1, () => simulation.change({ replicas: choices.below(20) })],
          [12, () => simulation.onePodBecomesAvailable()],
          [2, () => onePodFails(simulation, choices)],
        ])
        const before = simulation.available
        simulation.now += 100
        simulation.settle()
        expect(simulation.total).toBeLessThanOrEqual(mostPods(simulation))
        // Scaling keeps the shares of the versions, whether their pods are available or not, as in Kubernetes.
        if (desiredOf(simulation) !== replicas) continue
        expect(simulation.available).toBeGreaterThanOrEqual(Math.min(before, leastAvailable(simulation)))
      }
    },
  )

  test.each(seeds)('ends, when all its pods become available, as it was asked to be (%i)', (seed) => {
    const choices = new Choices(seed)
    const simulation = world(choices)
    for (let change = 0; change < 4; change++) {
      simulation.setImage(choices.of(['web:v1', 'web:v2', 'web:v3', 'web:v4']))
      if (choices.chance(0.5)) simulation.change({ replicas: choices.below(20) })
      simulation.settle()
      for (let pod = choices.below(8); pod > 0; pod--) simulation.onePodBecomesAvailable()
      simulation.settle()
    }
    simulation.setImage('web:last')
    simulation.run()
    const alive = Object.entries(simulation.sizes()).filter(([, size]) => size > 0)
    const desired = desiredOf(simulation)
    expect(alive).toEqual(desired > 0 ? [['web:last', desired]] : [])
    expect(simulation.available).toBe(desired)
  })

  test.each(seeds)(
    'that is scaled in the middle of a rollout shares out all the pods that it may have (%i)',
    (seed) => {
      const choices = new Choices(seed)
      const simulation = world(choices)
      simulation.setImage('web:v2')
      simulation.settle()
      for (let pod = choices.below(5); pod > 0; pod--) {
        simulation.onePodBecomesAvailable()
        simulation.settle()
      }
      const isMixed = Object.values(simulation.sizes()).filter((size) => size > 0).length > 1
      const more = desiredOf(simulation) + 1 + choices.below(20)
      simulation.change({ replicas: more })
      const { deployment, replicaSets } = simulation
      const { writes } = decide({ deployment, replicaSets, pods: [] }, simulation.now)
      const scaled = writes.flatMap((write) => (write.type === 'scale-replica-set' ? write.replicaSet : []))
      const isScaled = (one: ReplicaSet) => scaled.some(({ metadata }) => metadata?.uid === one.metadata?.uid)
      const after = [...scaled, ...replicaSets.filter((one) => !isScaled(one))]
      if (isMixed) expect(sum(after.map(replicasOf))).toBe(mostPods(simulation))
    },
  )
})

describe('a ReplicaSet', () => {
  test.each(seeds)(
    'comes to the number it asks for, and gives up no pod that serves better than one it keeps (%i)',
    (seed) => {
      const choices = new Choices(seed)
      const pods = podsOf(choices)
      const replicas = choices.below(30)
      const { create, remove } = differenceOf({ spec: { replicas, selector: {} } }, pods, () => 1)
      expect(pods.length + create - remove.length).toBe(replicas)
      expect(Math.min(create, remove.length)).toBe(0)
      const kept = pods.filter((pod) => !remove.includes(pod))
      const serves = (pod: Pod) => readySince(pod) !== undefined && pod.spec?.nodeName !== undefined
      if (remove.some(serves)) expect(kept.filter((pod) => !serves(pod))).toEqual([])
    },
  )
})

describe('endpoints', () => {
  test.each(seeds)('have each pod with an address once, ready or not, and none that goes (%i)', (seed) => {
    const choices = new Choices(seed)
    const pods = podsOf(choices)
    const subsets = subsetsOf({ spec: { ports: [{ port: 80, targetPort: 'http' }] } }, pods)
    const namesOf = (kind: 'addresses' | 'notReadyAddresses') =>
      subsets.flatMap((subset) => subset[kind] ?? []).map(({ targetRef }) => targetRef?.name)
    const wanted = pods.filter(({ metadata, status }) => status?.podIP && !metadata?.deletionTimestamp)
    const named = (some: Pod[]) => some.map(({ metadata }) => metadata?.name).sort()
    expect(namesOf('addresses').sort()).toEqual(named(wanted.filter((pod) => readySince(pod) !== undefined)))
    expect(namesOf('notReadyAddresses').sort()).toEqual(named(wanted.filter((pod) => readySince(pod) === undefined)))
  })
})

describe('endpoint slices', () => {
  test.each(seeds)('have ready what the endpoints have ready, and each pod once (%i)', (seed) => {
    const pods = podsOf(new Choices(seed)).filter(({ status }) => status?.phase === 'Running')
    const service = { spec: { ports: [{ port: 80, targetPort: 'http' }] } }
    const all = slicesOf(service, pods).flatMap(({ endpoints }) => endpoints)
    const ready = all.filter(({ conditions }) => conditions?.ready).flatMap(({ addresses }) => addresses)
    const inEndpoints = subsetsOf(service, pods).flatMap(({ addresses = [] }) => addresses.map(({ ip }) => ip))
    expect(ready.sort()).toEqual(inEndpoints.sort())
    expect(all).toHaveLength(pods.filter(({ status }) => status?.podIP).length)
  })
})

describe('a disruption budget', () => {
  test.each(seeds)('allows only what leaves as many healthy pods as it wants (%i)', (seed) => {
    const choices = new Choices(seed)
    const pods = podsOf(choices)
    const amount = choices.of<number | string>([0, 1, 3, 10, '0%', '10%', '50%', '100%'])
    const spec = choices.chance(0.5) ? { minAvailable: amount } : { maxUnavailable: amount }
    const status = budgetStatus({ budget: { spec }, pods, wantedPods: choices.below(30), now })
    const healthy = pods.filter((pod) => readySince(pod) !== undefined && !pod.metadata?.deletionTimestamp).length
    expect(status.currentHealthy).toBe(healthy)
    expect(status.disruptionsAllowed).toBeGreaterThanOrEqual(0)
    if (status.disruptionsAllowed > 0) {
      expect(status.currentHealthy - status.disruptionsAllowed).toBeGreaterThanOrEqual(status.desiredHealthy)
    }
  })
})
