import { randomUUID } from 'node:crypto'
import {
  AppsV1Api,
  CoreV1Api,
  CustomObjectsApi,
  KubeConfig,
  type V1Container,
  type V1DeploymentSpec,
  type V1ServiceSpec,
} from '@kubernetes/client-node'
import type { TargetReference } from '../../src/undo/types.ts'

/** A namespace of its own in a cluster, and what the tests put there beside what they test. */
export interface TestNamespace {
  target: TargetReference
  core: CoreV1Api
  apps: AppsV1Api
  addDeployment(name: string, changes?: DeploymentChanges): Promise<void>
  /** Not in a lab. */
  addStatefulSet(name: string): Promise<void>
  addDaemonSet(name: string): Promise<void>
  addService(name: string, spec?: Partial<V1ServiceSpec>): Promise<void>
  /** A PodDisruptionBudget, in the version that the cluster has. */
  addBudget(app: string, rule: object): Promise<void>
  remove(): Promise<void>
}

export interface DeploymentChanges {
  replicas?: number
  paused?: boolean
  progressDeadlineSeconds?: number
  containers?: V1Container[]
  /** How long a pod that ends may go on answering. */
  graceSeconds?: number
}

export const goodImage = 'counter/service2:v1'
export const otherGoodImage = 'counter/service2:v2'
/** No node has it, and none may fetch it: its pods never become ready. */
export const missingImage = 'counter/absent:v1'

export function container(name: string, image = goodImage): V1Container {
  return {
    name,
    image,
    imagePullPolicy: 'Never',
    env: [{ name: 'DRAIN_MS', value: '0' }],
    readinessProbe: { periodSeconds: 1, httpGet: { path: '/health', port: 8000 } },
  }
}

export async function createNamespace(
  cluster: TargetReference,
  labels: Record<string, string> = {},
): Promise<TestNamespace> {
  const config = new KubeConfig()
  config.loadFromFile(cluster.kubeconfig)
  config.setCurrentContext(cluster.context)
  const core = config.makeApiClient(CoreV1Api)
  const apps = config.makeApiClient(AppsV1Api)
  const namespace = `actions-${randomUUID().slice(0, 8)}`
  await core.createNamespace({ body: { metadata: { name: namespace, labels } } })
  return {
    target: { ...cluster, namespace },
    core,
    apps,
    async addDeployment(name, { containers = [container('web')], graceSeconds, ...changes } = {}) {
      await apps.createNamespacedDeployment({
        namespace,
        body: {
          metadata: { name },
          spec: {
            replicas: 1,
            ...changes,
            ...podsOf(name, containers, graceSeconds),
            strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
          },
        },
      })
    },
    async addStatefulSet(name) {
      await apps.createNamespacedStatefulSet({
        namespace,
        body: { metadata: { name }, spec: { serviceName: name, replicas: 1, ...podsOf(name) } },
      })
    },
    async addDaemonSet(name) {
      await apps.createNamespacedDaemonSet({ namespace, body: { metadata: { name }, spec: podsOf(name) } })
    },
    async addService(name, spec = {}) {
      await core.createNamespacedService({
        namespace,
        body: {
          metadata: { name },
          spec: { selector: { app: name }, ports: [{ name: 'http', port: 8000, targetPort: 8000 }], ...spec },
        },
      })
    },
    async addBudget(app, rule) {
      const objects = config.makeApiClient(CustomObjectsApi)
      const spec = { selector: { matchLabels: { app } }, ...rule }
      const create = (version: string) =>
        objects.createNamespacedCustomObject({
          ...{ group: 'policy', version, namespace, plural: 'poddisruptionbudgets' },
          body: { apiVersion: `policy/${version}`, kind: 'PodDisruptionBudget', metadata: { name: app }, spec },
        })
      await create('v1').catch(() => create('v1beta1'))
    },
    async remove() {
      await core.deleteNamespace({ name: namespace })
    },
  }
}

function podsOf(
  name: string,
  containers = [container('web')],
  graceSeconds = 1,
): Pick<V1DeploymentSpec, 'selector' | 'template'> {
  const labels = { app: name }
  return {
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { terminationGracePeriodSeconds: graceSeconds, containers } },
  }
}
