import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { loopbackAddress } from '../../src/lab/addresses.ts'
import { deployments, namespaces, nodes, pods } from '../../src/lab/client/index.ts'
import { startKubelet } from '../../src/lab/kubelet/index.ts'
import { repository } from '../support/project.ts'
import { openRealCluster } from './real-cluster.ts'

/** Of the last lab that a machine has room for. */
const podRange = '198.18.124'

const patience = { timeout: 120_000, interval: 200 }

test("the lab's kubelet is a node of a real cluster: processes are what its controllers ask for", async () => {
  const { client, access } = openRealCluster()
  const nodeName = `lab-node-${randomUUID().slice(0, 8)}`
  const namespace = nodeName
  const home = mkdtempSync(join(tmpdir(), 'lab-node-'))
  const images = {
    'counter/service2': { command: ['node', 'specs/rollout/app/service2.ts'], env: { VERSION: '{tag}' } },
  }
  await client.create(namespaces, { metadata: { name: namespace } })
  const kubelet = await startKubelet(access, { nodeName, podRange, root: repository, home, images })
  onTestFinished(async () => {
    await client.remove(namespaces, { name: namespace })
    await vi.waitFor(() => expect(client.get(namespaces, { name: namespace })).rejects.toThrow('not found'), patience)
    await kubelet.stop()
    await client.remove(nodes, { name: nodeName })
    rmSync(home, { recursive: true, force: true })
  })

  const name = { namespace, name: 'service2' }
  const labels = { app: 'service2' }
  const container = {
    name: 'service2',
    ports: [{ name: 'http', containerPort: 8000 }],
    readinessProbe: { httpGet: { path: '/health', port: 'http' }, periodSeconds: 1 },
  }
  const running = async (version: string) => {
    const { metadata, status } = await client.get(deployments, name)
    expect(status).toMatchObject({ observedGeneration: metadata.generation, replicas: 1, availableReplicas: 1 })
    const { items } = await client.list(pods, { namespace })
    const present = items.filter(({ metadata }) => !metadata.deletionTimestamp)
    expect(present.map(({ spec }) => [spec?.nodeName, spec?.containers[0]?.image])).toEqual([
      [nodeName, `counter/service2:${version}`],
    ])
    return `http://${loopbackAddress(present[0]?.status?.podIP ?? '')}:8000/`
  }

  await client.create(deployments, {
    metadata: name,
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          nodeSelector: { 'kubernetes.io/hostname': nodeName },
          automountServiceAccountToken: false,
          terminationGracePeriodSeconds: 1,
          containers: [{ ...container, image: 'counter/service2:v1' }],
        },
      },
    },
  })
  const first = await vi.waitFor(() => running('v1'), patience)
  expect(await (await fetch(first)).json()).toMatchObject({ svc: 'service2', version: 'v1' })

  const next = { template: { spec: { containers: [{ name: 'service2', image: 'counter/service2:v2' }] } } }
  await client.patch(deployments, name, { spec: next })
  const second = await vi.waitFor(() => running('v2'), patience)
  expect(await (await fetch(second)).json()).toMatchObject({ svc: 'service2', version: 'v2' })
  await vi.waitFor(() => expect(fetch(first)).rejects.toThrow(), patience)
})
