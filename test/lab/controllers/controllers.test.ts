import type { ReplicaSet } from 'kubernetes-types/apps/v1.d.ts'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  deployments,
  endpointSlices,
  endpoints,
  events,
  namespaces,
  nodes,
  pods,
  replicaSets,
  type Stored,
  services,
} from '../../../src/lab/client/index.ts'
import { complete, eventually, isGone, setImage, startTestCluster, type TestCluster, web } from './cluster.ts'
import { nodeOf } from './scripted-kubelet.ts'

let cluster: TestCluster

beforeAll(async () => {
  cluster = await startTestCluster()
})
afterAll(() => cluster.stop())

const namespace = 'default'

async function podsOf(app: string): Promise<Stored<Pod>[]> {
  return (await cluster.client.list(pods, { namespace, labelSelector: `app=${app}` })).items
}

async function replicaSetsOf(app: string): Promise<Stored<ReplicaSet>[]> {
  return (await cluster.client.list(replicaSets, { namespace, labelSelector: `app=${app}` })).items
}

async function messagesOf(kind: string, name: string): Promise<(string | undefined)[]> {
  const { items } = await cluster.client.list(events, { namespace })
  const own = items.filter(({ involvedObject }) => involvedObject.kind === kind && involvedObject.name === name)
  return own.map(({ reason, message }) => `${reason}: ${message}`)
}

describe('a deployment', () => {
  test('runs, scales and rolls, and tells of it in events', async () => {
    const { client } = cluster
    await client.create(deployments, web('rolls', { replicas: 2 }))
    await complete(client, 'rolls')
    await client.patch(
      deployments,
      { namespace, name: 'rolls' },
      { spec: { replicas: 3 } },
      { subresource: 'scale', type: 'merge' },
    )
    await complete(client, 'rolls')
    await setImage(client, 'rolls', 'web:v2')
    await complete(client, 'rolls')
    expect((await podsOf('rolls')).map(({ spec }) => spec?.containers[0]?.image)).toEqual([
      'web:v2',
      'web:v2',
      'web:v2',
    ])
    const [old] = (await replicaSetsOf('rolls')).filter(({ spec }) => spec?.replicas === 0)
    const messages = await eventually('the last event is written', async () => {
      const found = await messagesOf('Deployment', 'rolls')
      return found.some((message) => message?.endsWith(`${old?.metadata.name} from 1 to 0`)) && found
    })
    expect(messages[0]).toBe(`ScalingReplicaSet: Scaled up replica set ${old?.metadata.name} from 0 to 2`)
    expect(messages[1]).toBe(`ScalingReplicaSet: Scaled up replica set ${old?.metadata.name} from 2 to 3`)
    expect(await messagesOf('ReplicaSet', old?.metadata.name ?? '')).toContainEqual(
      expect.stringMatching(/^SuccessfulCreate: Created pod: rolls-/),
    )
  })

  test('replaces a pod that is deleted', async () => {
    const { client } = cluster
    await client.create(deployments, web('heals'))
    await complete(client, 'heals')
    const [pod] = await podsOf('heals')
    await client.remove(pods, { namespace, name: pod?.metadata.name ?? '' })
    await eventually('another pod is there', async () => {
      const others = await podsOf('heals')
      return others.length === 1 && others[0]?.metadata.uid !== pod?.metadata.uid
    })
    await complete(client, 'heals')
  })
})

describe('a ReplicaSet', () => {
  test('adopts a pod that matches, and lets go one that matches no longer', async () => {
    const { client } = cluster
    const template = {
      metadata: { labels: { app: 'adopts' } },
      spec: { containers: [{ name: 'web', image: 'web:v1' }] },
    }
    await client.create(pods, {
      metadata: { name: 'stray', namespace, labels: { app: 'adopts' } },
      spec: template.spec,
    })
    const spec = { replicas: 2, selector: { matchLabels: { app: 'adopts' } }, template }
    const owner = await client.create(replicaSets, { metadata: { name: 'adopts', namespace }, spec })
    const own = await eventually('there are two pods', async () => {
      const found = await podsOf('adopts')
      return found.length === 2 && found.every(({ metadata }) => metadata.ownerReferences) && found
    })
    expect(own.map(({ metadata }) => metadata.name)).toContain('stray')
    expect(own.map(({ metadata }) => metadata.ownerReferences?.[0]?.uid)).toEqual([
      owner.metadata.uid,
      owner.metadata.uid,
    ])
    await client.patch(pods, { namespace, name: 'stray' }, { metadata: { labels: { app: 'quarantine' } } })
    await eventually('it is free and replaced', async () => {
      const stray = await client.get(pods, { namespace, name: 'stray' })
      return !stray.metadata.ownerReferences?.length && (await podsOf('adopts')).length === 2
    })
  })
})

describe('the endpoints of a service', () => {
  test('are the ready pods that it selects, and go with it', async () => {
    const { client } = cluster
    const ports = [{ port: 80, targetPort: 8000 }]
    const name = 'serves'
    await client.create(services, { metadata: { name, namespace }, spec: { selector: { app: name }, ports } })
    await client.create(deployments, web(name, { replicas: 2 }))
    await complete(client, name)
    const ips = (await podsOf(name)).map(({ status }) => status?.podIP).sort()
    const addresses = await eventually('both are in', async () => {
      const { subsets = [] } = await client.get(endpoints, { namespace, name })
      return subsets[0]?.addresses?.length === 2 && subsets
    })
    expect(addresses[0]?.addresses?.map(({ ip }) => ip)).toEqual(ips)
    expect(addresses[0]?.ports).toEqual([{ port: 8000, protocol: 'TCP' }])
    await client.remove(services, { namespace, name })
    await eventually('they are gone', () => isGone(client.get(endpoints, { namespace, name })))
  })
})

describe('the endpoint slices of a service', () => {
  test('are one for its pods, which is written again, and go with it', async () => {
    const { client } = cluster
    const name = 'sliced'
    const labelSelector = `kubernetes.io/service-name=${name}`
    const slices = async () => (await client.list(endpointSlices, { namespace, labelSelector })).items
    const ports = [{ name: 'http', port: 80, targetPort: 8000 }]
    const service = await client.create(services, {
      metadata: { name, namespace, labels: { tier: 'back' } },
      spec: { selector: { app: name }, ports },
    })
    const [empty] = await eventually('an empty one is there', async () => {
      const found = await slices()
      return found.length === 1 && found
    })
    expect(empty).toMatchObject({ addressType: 'IPv4', endpoints: [] })
    expect(empty?.metadata.name).toMatch(/^sliced-\w{5}$/)
    expect(empty?.metadata.labels).toEqual({
      tier: 'back',
      'kubernetes.io/service-name': name,
      'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
    })

    await client.create(deployments, web(name, { replicas: 2 }))
    await complete(client, name)
    const [full, ...others] = await eventually('both pods are in, and ready', async () => {
      const found = await slices()
      return found[0]?.endpoints.filter(({ conditions }) => conditions?.ready).length === 2 && found
    })
    expect(others).toEqual([])
    expect(full?.metadata.uid).toBe(empty?.metadata.uid)
    expect(full?.ports).toEqual([{ name: 'http', port: 8000, protocol: 'TCP' }])
    expect(full?.metadata.ownerReferences).toMatchObject([{ kind: 'Service', uid: service.metadata.uid }])

    await client.remove(endpointSlices, { namespace, name: full?.metadata.name ?? '' })
    await eventually('it is made anew', async () => (await slices())[0]?.endpoints.length === 2)
    await client.remove(services, { namespace, name })
    await eventually('they are gone', async () => (await slices()).length === 0)
  })
})

describe('the scheduler', () => {
  test('says why a pod has no node, and binds it when there is one', async () => {
    const { client } = cluster
    const spec = { nodeSelector: { disk: 'fast' }, containers: [{ name: 'web', image: 'web:v1' }] }
    await client.create(pods, { metadata: { name: 'picky', namespace }, spec })
    const condition = await eventually('it is unschedulable', async () => {
      const { status } = await client.get(pods, { namespace, name: 'picky' })
      return status?.conditions?.find(({ reason }) => reason === 'Unschedulable')
    })
    expect(condition.message).toBe("0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.")
    const node = await client.create(nodes, { metadata: { ...nodeOf('node-2').metadata, labels: { disk: 'fast' } } })
    const status = { conditions: [{ type: 'Ready', status: 'True' }] }
    await client.replace(nodes, { ...node, status }, 'status')
    await eventually('it is bound', async () => {
      const pod = await client.get(pods, { namespace, name: 'picky' })
      return pod.spec?.nodeName === 'node-2'
    })
    await client.remove(pods, { namespace, name: 'picky' }, { gracePeriodSeconds: 0 })
    await client.remove(nodes, { name: 'node-2' })
  })
})

describe('garbage collection', () => {
  const start = async (name: string) => {
    await cluster.client.create(deployments, web(name, { replicas: 2 }))
    await complete(cluster.client, name)
  }

  test('takes ReplicaSets and pods with their deployment', async () => {
    await start('background')
    await cluster.client.remove(deployments, { namespace, name: 'background' }, { propagationPolicy: 'Background' })
    await eventually('all are gone', async () => {
      return (await podsOf('background')).length + (await replicaSetsOf('background')).length === 0
    })
  })

  test('in the foreground: the deployment goes last', async () => {
    const { client } = cluster
    await start('foreground')
    await client.remove(deployments, { namespace, name: 'foreground' }, { propagationPolicy: 'Foreground' })
    await eventually('it is gone', () => isGone(client.get(deployments, { namespace, name: 'foreground' })))
    expect(await replicaSetsOf('foreground')).toEqual([])
    expect(await podsOf('foreground')).toEqual([])
  })

  test('orphans what it is told to orphan, and a later owner takes it', async () => {
    const { client } = cluster
    await start('orphan')
    const before = (await podsOf('orphan')).map(({ metadata }) => metadata.uid).sort()
    await client.remove(deployments, { namespace, name: 'orphan' }, { propagationPolicy: 'Orphan' })
    await eventually('it is gone', () => isGone(client.get(deployments, { namespace, name: 'orphan' })))
    expect((await replicaSetsOf('orphan')).map(({ metadata }) => metadata.ownerReferences ?? [])).toEqual([[]])
    await start('orphan')
    expect((await podsOf('orphan')).map(({ metadata }) => metadata.uid).sort()).toEqual(before)
  })
})

test('a namespace that is deleted is emptied first', async () => {
  const { client } = cluster
  await client.create(namespaces, { metadata: { name: 'team' } })
  await client.create(deployments, web('web', { namespace: 'team' }))
  await client.create(services, { metadata: { name: 'web', namespace: 'team' }, spec: { ports: [{ port: 80 }] } })
  await complete(client, 'web', 'team')
  await client.remove(namespaces, { name: 'team' })
  await eventually('it is gone', () => isGone(client.get(namespaces, { name: 'team' })))
  expect((await client.list(pods, { namespace: 'team' })).items).toEqual([])
})
