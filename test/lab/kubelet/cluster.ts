import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Container, Pod, PodSpec, PodStatus } from 'kubernetes-types/core/v1.d.ts'
import { addressesOfSlot, labSlots, loopbackAddress } from '../../../src/lab/addresses.ts'
import { startApiServer } from '../../../src/lab/apiserver/server.ts'
import { type ApiAccess, ApiClient, events, Informer, pods, type Stored } from '../../../src/lab/client/index.ts'
import { isAddressInUse } from '../../../src/lab/http/listening.ts'
import type { KubeletOptions } from '../../../src/lab/kubelet/index.ts'

/** A real API server with nothing beside it: pods are bound by the tests themselves. */
export interface TestCluster {
  access: ApiAccess
  client: ApiClient
  serviceRange: string
  /** Options for a kubelet of it, with short waits. */
  kubelet: KubeletOptions
  createPod(name: string, container: Partial<Container>, spec?: Partial<PodSpec>): Promise<Stored<Pod>>
  removePod(name: string, gracePeriodSeconds?: number): Promise<void>
  /** Resolves with the pod when what was seen of it satisfies the condition. */
  podUntil(name: string, condition: (pod: Stored<Pod>) => boolean): Promise<Stored<Pod>>
  podGone(name: string): Promise<void>
  /** All states of the pod that were seen, in order. */
  seen(name: string): PodStatus[]
  eventsOf(name: string): Promise<string[]>
  close(): Promise<void>
}

export const nodeName = 'test-node'
const fixtures = fileURLToPath(new URL('./fixtures/', import.meta.url))

export const images = {
  web: { command: ['node', 'web.mjs'], env: { VERSION: '{tag}', LAYER: 'image' }, tags: ['v1', 'v2'] },
  sh: { command: ['sh', '-c'] },
}

export async function startCluster(): Promise<TestCluster> {
  const { server, slot } = await claimSlot()
  const { podRanges, serviceRange } = addressesOfSlot(slot)
  const { access } = server
  const home = mkdtempSync(join(tmpdir(), 'kubelet-test-'))
  const client = new ApiClient(access)
  const watched = watchPods(client)
  await watched.informer.synced
  return {
    access,
    client,
    serviceRange,
    kubelet: {
      nodeName: nodeName,
      podRange: podRanges[0] ?? '',
      root: fixtures,
      home,
      images,
      timings: { restartBackoffMs: 300, retryBackoffMs: 300, firstErrorShownMs: 100, leastGraceMs: 200 },
    },
    createPod: (name, container, spec) =>
      client.create(pods, {
        metadata: { name, namespace: 'default', labels: { app: 'web' } },
        spec: { nodeName: nodeName, containers: [{ name: 'main', image: 'web:v1', ...container }], ...spec },
      }),
    removePod: (name, gracePeriodSeconds) =>
      client.remove(
        pods,
        { namespace: 'default', name },
        gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds },
      ),
    podUntil: watched.podUntil,
    podGone: watched.podGone,
    seen: (name) => watched.history.get(name) ?? [],
    eventsOf: async (name) => {
      const { items } = await client.list(events, { namespace: 'default' })
      const own = items.filter(({ involvedObject }) => involvedObject.name === name)
      return own.map(({ type, reason, message }) => `${type} ${reason}: ${message}`)
    },
    close: async () => {
      await watched.informer.stop()
      client.close()
      await server.close()
      rmSync(home, { recursive: true, force: true })
    },
  }
}

/** The last free slot: labs that are in use begin with the first. */
async function claimSlot() {
  for (let slot = labSlots - 1; slot >= 0; slot--) {
    const { serviceRange } = addressesOfSlot(slot)
    try {
      const host = loopbackAddress(`${serviceRange}.1`)
      return { slot, server: await startApiServer({ host, port: 6443, serviceRange }) }
    } catch (error) {
      if (!isAddressInUse(error)) throw error
    }
  }
  throw new Error('every lab slot is taken')
}

function watchPods(client: ApiClient) {
  const informer = new Informer(client, pods, { namespace: 'default' })
  const history = new Map<string, PodStatus[]>()
  const waiting = new Set<() => void>()
  informer.onChange((_old, pod) => {
    if (pod?.status) history.set(pod.metadata.name, [...(history.get(pod.metadata.name) ?? []), pod.status])
    for (const look of waiting) look()
  })
  informer.start()

  /** Resolves with the first answer that is not `undefined`. */
  function until<T>(answer: () => T | undefined): Promise<T> {
    return new Promise((resolve) => {
      const look = () => {
        const found = answer()
        if (found === undefined) return
        waiting.delete(look)
        resolve(found)
      }
      waiting.add(look)
      look()
    })
  }

  return {
    informer,
    history,
    podUntil: (name: string, condition: (pod: Stored<Pod>) => boolean) =>
      until(() => {
        const pod = informer.get(`default/${name}`)
        return pod && condition(pod) ? pod : undefined
      }),
    podGone: async (name: string) => {
      await until(() => (informer.get(`default/${name}`) ? undefined : true))
    },
  }
}

export function isReady({ status }: Pod): boolean {
  return status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false
}

/** Where a port of a pod is on this machine. */
export function urlOf(pod: Pod, path = '/', port = 8000): string {
  return `http://${loopbackAddress(pod.status?.podIP ?? '')}:${port}${path}`
}

/** Resolves when the condition holds; asked again and again. */
export async function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20))
}

/** Whether there is such a process, other than one that has ended and waits for its parent to notice. */
export function runs(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
