import type { Deployment } from 'kubernetes-types/apps/v1.d.ts'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { endpoints, namespaces, nodes, pods, type Stored, services } from '../../../src/lab/client/index.ts'
import { isGone } from '../../lab/controllers/cluster.ts'
import { isReady } from './observer.ts'
import { brokenImage, type Stage } from './stage.ts'

/** Something that happens, and what comes of it beside the states that deployments, ReplicaSets and endpoints go through. */
export interface Scene {
  title: string
  play(stage: Stage): Promise<unknown>
}

/** What controllers and a scheduler are asked to do. */
export const script: readonly Scene[] = [
  {
    title: 'a deployment is created, and scaled up, down, to nothing and back',
    async play(stage) {
      await stage.addNode()
      await stage.deploy({ replicas: 2 })
      for (const replicas of [4, 1, 0, 2]) await stage.roll({ replicas })
    },
  },
  {
    title: 'a new version comes with a pod more, and goes back',
    async play(stage) {
      await stage.addNode()
      await stage.deploy({ replicas: 3, strategy: rolling(1, 0) })
      await stage.roll('web:v2')
      await stage.roll('web:v1')
    },
  },
  {
    title: 'a new version comes with a pod less',
    async play(stage) {
      await stage.addNode()
      await stage.deploy({ replicas: 3, strategy: rolling(0, 1) })
      await stage.roll('web:v2')
    },
  },
  {
    title: 'a new version comes by shares',
    async play(stage) {
      await stage.addNode()
      await stage.deploy({ replicas: 4, strategy: rolling('50%', '25%') })
      await stage.roll('web:v2')
    },
  },
  {
    title: 'a new version comes when the old one has ended',
    async play(stage) {
      await stage.addNode('a', { endsInTurn: true })
      await stage.deploy({ replicas: 2, strategy: { type: 'Recreate' } })
      await stage.roll('web:v2')
    },
  },
  {
    title: 'a rollout is paused, changed, scaled and resumed',
    async play(stage) {
      await stage.addNode()
      await stage.deploy({ replicas: 2, strategy: rolling(1, 0) })
      await stage.change({ paused: true })
      await stage.setImage('web:v2')
      await stage.change({ replicas: 3 })
      await stage.deploymentIs('scaled', ({ status }) => status?.availableReplicas === 3)
      await stage.roll({ paused: false })
    },
  },
  {
    title: 'a version never becomes ready: it is scaled, its time is over, and it goes back',
    async play(stage) {
      await stage.addNode()
      await stage.deploy({ replicas: 4, strategy: rolling('50%', '25%') })
      await stage.setImage(brokenImage)
      await stage.deploymentIs('stuck', ({ status }) => status?.updatedReplicas === 3 && status.availableReplicas === 3)
      await stage.change({ replicas: 8 })
      await stage.deploymentIs('stuck at its new size', ({ status }) => status?.availableReplicas === 6)
      await stage.change({ progressDeadlineSeconds: 1 })
      await stage.deploymentIs('given up', isGivenUp)
      const sizes = (await stage.replicaSets()).map(({ spec }) => spec?.replicas)
      await stage.change({ progressDeadlineSeconds: 600 })
      await stage.roll('web:v1')
      return sizes.sort()
    },
  },
  {
    title: 'a version that never becomes ready is rolled over by the next',
    async play(stage) {
      await stage.addNode()
      await stage.deploy({ replicas: 2, strategy: rolling(1, 0) })
      await stage.setImage(brokenImage)
      await stage.deploymentIs('stuck', ({ status }) => status?.updatedReplicas === 1 && status.replicas === 3)
      await stage.roll('web:v2')
    },
  },
  {
    title: 'old revisions are kept as many as asked',
    async play(stage) {
      await stage.addNode()
      await stage.deploy({ revisionHistoryLimit: 1 })
      for (const image of ['web:v2', 'web:v3', 'web:v4']) await stage.roll(image)
      return stage.until('the oldest are gone', async () => {
        const found = await stage.replicaSets()
        return found.length === 2 && found.map(({ spec }) => spec?.template?.spec?.containers[0]?.image).sort()
      })
    },
  },
  {
    title: 'a deployment is deleted in the background',
    async play(stage) {
      await stage.addNode()
      await stage.deploy({ replicas: 2 })
      await stage.removeDeployment('Background')
      await stage.until('all are gone', async () => {
        return (await stage.replicaSets()).length + (await stage.pods()).length === 0
      })
    },
  },
  {
    title: 'a deployment is deleted in the foreground: it goes last',
    async play(stage) {
      await stage.addNode()
      await stage.deploy({ replicas: 2 })
      await stage.removeDeployment('Foreground')
      await stage.until('it is gone', () => stage.isDeploymentGone())
      return { replicaSets: await stage.replicaSets(), pods: await stage.pods() }
    },
  },
  {
    title: 'a deployment is deleted without what it owns, which another one takes',
    async play(stage) {
      await stage.addNode()
      await stage.deploy({ replicas: 2 })
      const before = await uidsOf(stage.pods())
      await stage.removeDeployment('Orphan')
      await stage.until('it is gone', () => stage.isDeploymentGone())
      const owners = (await stage.replicaSets()).map(({ metadata }) => metadata.ownerReferences ?? [])
      await stage.createDeployment({ replicas: 2 })
      return { owners, taken: (await uidsOf(stage.pods())).join() === before.join() }
    },
  },
  {
    title: 'pods are deleted, fail and are set apart, and others take their places',
    async play(stage) {
      await stage.addNode()
      await stage.deploy({ replicas: 3 })
      const [deleted, failed, apart] = await stage.pods()
      const replaced = async (pod: Stored<Pod> | undefined) => {
        await stage.until('another is ready in its place', async () => {
          const own = (await stage.pods()).filter(({ metadata }) => metadata.labels?.app === 'web')
          const others = own.filter(({ metadata }) => metadata.uid !== pod?.metadata.uid)
          return others.filter(isReady).length === 3
        })
        await stage.complete()
      }
      await stage.client.remove(pods, nameOf(deleted))
      await replaced(deleted)
      await stage.client.patch(pods, nameOf(failed), { status: failedStatus }, { subresource: 'status' })
      await replaced(failed)
      await stage.client.patch(pods, nameOf(apart), { metadata: { labels: { app: 'apart' } } })
      await replaced(apart)
      const { metadata } = await stage.client.get(pods, nameOf(apart))
      return { ownersOfTheOneSetApart: metadata.ownerReferences ?? [] }
    },
  },
  {
    title: 'a service has the addresses of its pods as long as it is there',
    async play(stage) {
      await stage.addNode()
      await stage.deploy({ replicas: 2, strategy: rolling(1, 0) })
      await stage.setImage(brokenImage)
      const subsets = await stage.until('one is not ready', async () => {
        const found = await stage.client.get(endpoints, { namespace: stage.namespace, name: 'web' })
        return found.subsets?.[0]?.notReadyAddresses && found.subsets
      })
      await stage.deploymentIs('stuck', ({ status }) => status?.unavailableReplicas === 1)
      await stage.client.remove(services, { namespace: stage.namespace, name: 'web' })
      await stage.until('its endpoints are gone', () => {
        return isGone(stage.client.get(endpoints, { namespace: stage.namespace, name: 'web' }))
      })
      return subsets.map(({ addresses = [], notReadyAddresses = [], ports }) => {
        const targets = [...addresses, ...notReadyAddresses].map(({ nodeName, targetRef }) => [
          nodeName === stage.nodeName('a'),
          targetRef?.kind,
        ])
        return { targets, ready: addresses.length, ports }
      })
    },
  },
  {
    title: 'a namespace whose end something holds back',
    async play(stage) {
      await stage.addNode()
      await stage.deploy()
      const held = await stage.createPod('held')
      const name = nameOf(held)
      await stage.client.patch(pods, name, { metadata: { finalizers: ['chaos.test/hold'], labels: { app: 'held' } } })
      await stage.client.remove(namespaces, { name: stage.namespace })
      await stage.until('all else is gone', async () => {
        return (await stage.replicaSets()).length === 0 && (await stage.pods()).length === 1
      })
      const { status } = await stage.client.get(namespaces, { name: stage.namespace })
      await stage.client.patch(pods, name, { metadata: { finalizers: null } }, { type: 'merge' })
      await stage.until('it is gone', () => isGone(stage.client.get(namespaces, { name: stage.namespace })))
      return status?.phase
    },
  },
  {
    title: 'a pod waits for a node that fits, and for room on it',
    async play(stage) {
      await stage.addNode('full', { labels: { size: 'small' }, mostPods: 1 })
      const [first, second] = [await stage.createPod('first'), await stage.createPod('second')]
      const picky = await stage.createPod('picky', { nodeSelector: { stage: stage.namespace, size: 'large' } })
      const nodesOf = async (...wanted: Stored<Pod>[]) => {
        const found = await Promise.all(wanted.map((pod) => stage.client.get(pods, nameOf(pod))))
        return found.map((pod) => stage.nodeOf(pod))
      }
      await stage.until('two of the three are unschedulable', async () => {
        return (await stage.pods()).filter(isUnschedulable).length === 2
      })
      const before = await nodesOf(first, second, picky)
      await stage.addNode('large', { labels: { size: 'large' } })
      await stage.until('all have a node', async () => (await nodesOf(second, picky)).every(Boolean))
      return { bound: before.filter(Boolean), picky: await nodesOf(picky) }
    },
  },
  {
    title: 'a node is cordoned and uncordoned',
    async play(stage) {
      await stage.addNode('a')
      await stage.addNode('b')
      await stage.deploy({ replicas: 2 })
      const before = await uidsOf(stage.pods())
      const name = stage.nodeName('a')
      await stage.client.patch(nodes, { name }, { spec: { unschedulable: true } })
      const cordoned = await stage.until('it has a taint', async () => some(await stage.taintsOf('a')))
      await stage.roll({ replicas: 4 })
      const added = (await stage.pods()).filter(({ metadata }) => !before.includes(metadata.uid))
      await stage.client.patch(nodes, { name }, { spec: { unschedulable: null } }, { type: 'merge' })
      await stage.until('it has none any more', async () => (await stage.taintsOf('a')).length === 0)
      return { cordoned, nodesOfNewPods: added.map((pod) => stage.nodeOf(pod)) }
    },
  },
  {
    title: 'a node falls silent, and comes back',
    async play(stage) {
      const kubelet = await stage.addNode('a')
      await stage.deploy({ template: movingTemplate(stage) })
      const [before] = await stage.pods()
      await stage.addNode('b')
      kubelet.goSilent()
      const taints = await stage.until('it is held for lost', async () => {
        const present = await stage.taintsOf('a')
        return present.length === 2 && present
      })
      const { status } = await stage.client.get(nodes, { name: stage.nodeName('a') })
      const others = await stage.until('another pod is ready elsewhere', async () => {
        const found = await stage.pods()
        return found.filter(isReady).length === 1 && found
      })
      const left = others.find(({ metadata }) => metadata.uid === before?.metadata.uid)
      await kubelet.comeBack()
      await stage.until('it takes pods again', async () => (await stage.taintsOf('a')).length === 0)
      await stage.until('the pod that was lost is gone', async () => (await stage.pods()).length === 1)
      return {
        taints,
        conditions: status?.conditions?.map(({ type, status }) => `${type} ${status}`),
        left: left && { isBeingDeleted: left.metadata.deletionTimestamp !== undefined, isReady: isReady(left) },
        nodes: others.filter(isReady).map((pod) => stage.nodeOf(pod)),
      }
    },
  },
]

const failedStatus = { phase: 'Failed', conditions: [{ type: 'Ready', status: 'False' }] }

type Strategy = NonNullable<Deployment['spec']>['strategy']

function rolling(maxSurge: number | string, maxUnavailable: number | string): Strategy & object {
  return { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } }
}

function isGivenUp({ status }: Deployment): boolean | undefined {
  return status?.conditions?.some(({ reason }) => reason === 'ProgressDeadlineExceeded')
}

/** Pods that leave a node a second after it is lost. */
function movingTemplate(stage: Stage): NonNullable<Deployment['spec']>['template'] {
  const tolerations = ['not-ready', 'unreachable'].map((state) => ({
    key: `node.kubernetes.io/${state}`,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: 1,
  }))
  return { metadata: { labels: { app: 'web' } }, spec: stage.podSpec({ tolerations }) }
}

function nameOf(pod: Stored<Pod> | undefined): { namespace: string | undefined; name: string } {
  const { namespace, name = '' } = pod?.metadata ?? {}
  return { namespace, name }
}

async function uidsOf(all: Promise<Stored<Pod>[]>): Promise<string[]> {
  return (await all).map(({ metadata }) => metadata.uid).sort()
}

function isUnschedulable({ status }: Pod): boolean {
  return status?.conditions?.some(({ reason }) => reason === 'Unschedulable') ?? false
}

function some<T>(list: T[]): T[] | undefined {
  return list.length > 0 ? list : undefined
}
