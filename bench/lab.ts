import { setTimeout as delay } from 'node:timers/promises'
import { deployments, leases } from '../src/lab/client/index.ts'
import { accessOf, clientOf } from '../test/lab/process/project.ts'
import { counterManifests, startBenchLab, withoutMinReadySeconds } from './lab/labs.ts'
import { Watchers } from './lab/watchers.ts'
import { cpuShareOf, memoryOf } from './prometheus/processes.ts'

interface Figure {
  name: string
  value: number
  unit: string
}

const rounds = 5
const idleOverMs = 10_000
const settledAfterMs = 3_000
const pods = 200
const objects = 5_000
const watchers = 50
const leasesPath = '/apis/coordination.k8s.io/v1/namespaces/default/leases'

/** How soon a lab is up, what it costs when nothing happens, and what it takes when there is much in it. */
export async function* measure(): AsyncIterable<Figure> {
  yield* start()
  yield* idle()
  yield* manyPods()
  yield* manyObjects()
}

async function* start(): AsyncIterable<Figure> {
  const quick = withoutMinReadySeconds()
  try {
    yield { name: 'lab_up_empty', value: await upMs([]), unit: 'ms' }
    yield { name: 'lab_up_pods_ready', value: await upMs([quick.folder]), unit: 'ms' }
    yield { name: 'lab_up_available', value: await upMs([counterManifests]), unit: 'ms' }
  } finally {
    quick.remove()
  }
}

async function upMs(manifests: readonly string[]): Promise<number> {
  const times: number[] = []
  for (let round = 0; round < rounds; round++) {
    const lab = await startBenchLab(manifests)
    times.push(lab.upMs)
    await lab.stop()
  }
  return median(times)
}

async function* idle(): AsyncIterable<Figure> {
  const lab = await startBenchLab([counterManifests])
  try {
    yield { name: 'idle_cpu', value: await cpuShareOf(lab.pid, idleOverMs), unit: '%' }
    yield { name: 'idle_memory', value: memoryOf(lab.pid), unit: 'MB' }
  } finally {
    await lab.stop()
  }
}

async function* manyPods(): AsyncIterable<Figure> {
  const lab = await startBenchLab()
  const client = clientOf(lab.kubeconfig)
  const name = { namespace: 'default', name: 'nothing' }
  try {
    const startedAt = performance.now()
    await client.create(deployments, {
      metadata: name,
      spec: {
        replicas: pods,
        selector: { matchLabels: { app: 'nothing' } },
        template: {
          metadata: { labels: { app: 'nothing' } },
          spec: { containers: [{ name: 'nothing', image: 'bench/nothing:v1' }], terminationGracePeriodSeconds: 0 },
        },
      },
    })
    for await (const { object } of client.watch(deployments, { namespace: 'default' })) {
      if (object.status?.availableReplicas === pods) break
    }
    yield { name: `pods_${pods}_available`, value: performance.now() - startedAt, unit: 'ms' }
    // The events of their start are written meanwhile.
    await delay(settledAfterMs)
    yield { name: `pods_${pods}_cpu`, value: await cpuShareOf(lab.pid, idleOverMs), unit: '%' }
    yield { name: `pods_${pods}_memory`, value: memoryOf(lab.pid), unit: 'MB' }
    const endingAt = performance.now()
    await client.patch(deployments, name, { spec: { replicas: 0 } })
    for await (const { object } of client.watch(deployments, { namespace: 'default' })) {
      if (!object.status?.replicas) break
    }
    yield { name: `pods_${pods}_ended`, value: performance.now() - endingAt, unit: 'ms' }
  } finally {
    client.close()
    await lab.stop()
  }
}

async function* manyObjects(): AsyncIterable<Figure> {
  const lab = await startBenchLab()
  const client = clientOf(lab.kubeconfig)
  const access = accessOf(lab.kubeconfig)
  try {
    const named = (index: number) => ({ namespace: 'default', name: `object-${index}` })
    const createdAt = performance.now()
    const create = async (first: number) => {
      for (let index = first; index < objects; index += 10) {
        await client.create(leases, { metadata: named(index), spec: { holderIdentity: String(index) } })
      }
    }
    await Promise.all(Array.from({ length: 10 }, (_, first) => create(first)))
    yield { name: 'create_one', value: (performance.now() - createdAt) / objects, unit: 'ms' }
    const lists: number[] = []
    for (let round = 0; round < 20; round++) {
      const listedAt = performance.now()
      await client.list(leases, { namespace: 'default' })
      lists.push(performance.now() - listedAt)
    }
    yield { name: `list_${objects}`, value: median(lists), unit: 'ms' }

    const openedAt = performance.now()
    const watching = await Watchers.open(access, leasesPath, watchers)
    await watching.haveSeen(objects)
    yield { name: `watch_${objects}_by_${watchers}`, value: performance.now() - openedAt, unit: 'ms' }
    const writes: number[] = []
    for (let write = 1; write <= 100; write++) {
      const writtenAt = performance.now()
      await client.patch(leases, named(write), { spec: { holderIdentity: 'another' } })
      await watching.haveSeen(objects + write)
      writes.push(performance.now() - writtenAt)
    }
    yield { name: `write_seen_by_${watchers}`, value: median(writes), unit: 'ms' }
    yield { name: `memory_of_${objects}`, value: memoryOf(lab.pid), unit: 'MB' }
    watching.close()
  } finally {
    client.close()
    await lab.stop()
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}
