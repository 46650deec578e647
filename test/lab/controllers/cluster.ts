import type { Deployment } from 'kubernetes-types/apps/v1.d.ts'
import { type ApiServer, startApiServer } from '../../../src/lab/apiserver/server.ts'
import { ApiClient, deployments, isNotFound, type Stored } from '../../../src/lab/client/index.ts'
import { type Controllers, startControllers } from '../../../src/lab/controllers/index.ts'
import { ScriptedKubelet, type ScriptedKubeletOptions } from './scripted-kubelet.ts'

export type TestClusterOptions = Pick<ScriptedKubeletOptions, 'becomesReady' | 'readyAfterMs'>

/** The lab's API server and controllers, with a kubelet that only says what a kubelet would say. */
export interface TestCluster {
  client: ApiClient
  stop(): Promise<void>
}

export async function startTestCluster(options: TestClusterOptions = {}): Promise<TestCluster> {
  const server: ApiServer = await startApiServer({ host: '127.0.0.1', port: 0, serviceRange: '198.18.67' })
  const client = new ApiClient(server.access)
  const kubelet = new ScriptedKubelet(client, { nodeName: 'node-1', ...options })
  const errors: unknown[] = []
  const controllers: Controllers = await startControllers(server.access, { onError: (_, error) => errors.push(error) })
  await kubelet.start()
  return {
    client,
    async stop() {
      await kubelet.stop()
      await controllers.stop()
      client.close()
      await server.close()
    },
  }
}

export interface WebOptions {
  namespace?: string
  replicas?: number
  image?: string
  spec?: Partial<NonNullable<Deployment['spec']>>
}

/** A deployment of one container. */
export function web(
  name: string,
  { namespace = 'default', replicas = 1, image = 'web:v1', spec }: WebOptions = {},
): Deployment {
  return {
    metadata: { name, namespace },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'web', image }] } },
      ...spec,
    },
  }
}

/** Sets the image of the container of a deployment made by `web()`. */
export async function setImage(client: ApiClient, name: string, image: string): Promise<void> {
  const spec = { template: { spec: { containers: [{ name: 'web', image }] } } }
  await client.patch(deployments, { namespace: 'default', name }, { spec })
}

/** Resolves with what `probe` gives once that is something; rejects after 10 s. */
export async function eventually<T>(what: string, probe: () => Promise<T | undefined | false>): Promise<T> {
  const deadline = Date.now() + 10_000
  while (Date.now() < deadline) {
    const found = await probe()
    if (found !== undefined && found !== false) return found
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error(`${what}: not so after 10 s`)
}

/** Resolves when all pods of the deployment are of its template and available. */
export function complete(client: ApiClient, name: string, namespace = 'default'): Promise<Stored<Deployment>> {
  return eventually(`deployment ${name} is complete`, async () => {
    const deployment = await client.get(deployments, { namespace, name })
    const { spec, status = {}, metadata } = deployment
    const counts = [status.replicas ?? 0, status.updatedReplicas ?? 0, status.availableReplicas ?? 0]
    const isObserved = (status.observedGeneration ?? 0) >= (metadata.generation ?? 0)
    return isObserved && counts.every((count) => count === spec?.replicas) && deployment
  })
}

/** Whether the request says that the object is not there. */
export async function isGone(request: Promise<unknown>): Promise<boolean> {
  try {
    await request
    return false
  } catch (error) {
    if (isNotFound(error)) return true
    throw error
  }
}
