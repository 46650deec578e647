import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Node, Pod } from 'kubernetes-types/core/v1.d.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type ApiClient,
  ApiError,
  disruptionBudgets,
  events,
  faults,
  nodes,
  pods,
  type Stored,
} from '../../../src/lab/client/index.ts'
import { type Lab, loopbackAddress, startLab } from '../../../src/lab/index.ts'
import { complete, eventually } from '../controllers/cluster.ts'
import { clientOf, type Project, temporaryProject, webManifest } from '../process/project.ts'

const run = promisify(execFile)
const hasKubectl = await run('kubectl', ['version', '--client']).then(
  () => true,
  () => false,
)

let project: Project
let lab: Lab
let client: ApiClient

beforeAll(async () => {
  project = temporaryProject()
  project.write('web.yaml', webManifest('web:v1', 'replicas: 3'))
  lab = await startLab({ ...project.options(['web.yaml']), nodes: 3, nodeGraceMs: 6_000, podsEvictedAfterSeconds: 1 })
  client = clientOf(lab.info.kubeconfig)
})
afterAll(async () => {
  client.close()
  await lab.stop()
  project.remove()
})

const node = (number: number) => ({ name: `lab-node-${number}` })

async function podsOn(number: number): Promise<Stored<Pod>[]> {
  const { items } = await client.list(pods, { fieldSelector: `spec.nodeName=lab-node-${number}` })
  return items
}

function readyOf({ status }: Node): string | undefined {
  return status?.conditions?.find(({ type }) => type === 'Ready')?.status
}

async function refusalOf(request: Promise<unknown>): Promise<ApiError> {
  const outcome = await request.catch((error: unknown) => error)
  if (outcome instanceof ApiError) return outcome
  throw new Error(`not refused: ${JSON.stringify(outcome)}`)
}

function evict(pod: Stored<Pod>): Promise<void> {
  return client.createPart(pods, pod.metadata, 'eviction', { apiVersion: 'policy/v1', kind: 'Eviction' })
}

test('a lab of three nodes has its pods on all of them, each with addresses of its own', async () => {
  const { items } = await client.list(nodes)
  expect(items.map(({ metadata }) => metadata.name)).toEqual(['lab-node-1', 'lab-node-2', 'lab-node-3'])
  for (const number of [1, 2, 3]) {
    const [pod, ...others] = await podsOn(number)
    expect(others).toEqual([])
    expect(pod?.status?.podIP?.split('.')[2]).toBe(String(64 + 4 * lab.info.slot + number - 1))
    const answer = await fetch(`http://${loopbackAddress(pod?.status?.podIP ?? '')}:8000/`)
    expect(await answer.text()).toMatch(/^v1 /)
  }
  const { items: all } = await client.list(pods)
  expect(all[0]?.spec?.tolerations).toContainEqual({
    key: 'node.kubernetes.io/unreachable',
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: 1,
  })
})

describe('a disruption budget', () => {
  const budget = { namespace: 'default', name: 'web' }

  test('is kept by evictions: those beyond it are refused, and say why', async () => {
    await client.create(disruptionBudgets, {
      metadata: budget,
      spec: { minAvailable: 2, selector: { matchLabels: { app: 'web' } } },
    })
    await eventually('the budget is judged', async () => {
      const { status } = await client.get(disruptionBudgets, budget)
      return status?.disruptionsAllowed === 1 && status.desiredHealthy === 2 && status.expectedPods === 3
    })
    const [[first], [second]] = [await podsOn(1), await podsOn(2)]
    if (!first || !second) throw new Error('no pods')
    const outcomes = await Promise.allSettled([evict(first), evict(second)])
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
    expect(refused).toHaveLength(1)
    expect(refused[0]?.reason).toMatchObject({
      status: 429,
      reason: 'TooManyRequests',
      message: "Cannot evict pod as it would violate the pod's disruption budget.",
    })
    await complete(client, 'web')
    await eventually('the budget allows one again', async () => {
      return (await client.get(disruptionBudgets, budget)).status?.disruptionsAllowed === 1
    })
  })

  test('two of them for one pod are one too many', async () => {
    const second = { namespace: 'default', name: 'web-too' }
    await client.create(disruptionBudgets, {
      metadata: second,
      spec: { maxUnavailable: 0, selector: { matchLabels: { app: 'web' } } },
    })
    const [pod] = await podsOn(3)
    if (!pod) throw new Error('no pod')
    expect(await refusalOf(evict(pod))).toMatchObject({
      status: 500,
      message: expect.stringContaining('more than one'),
    })
    await client.remove(disruptionBudgets, second)
  })

  test('is checked: a minimum or a maximum, and both as a number or a share', async () => {
    const refused = await refusalOf(
      client.create(disruptionBudgets, {
        metadata: { namespace: 'default', name: 'bad' },
        spec: { minAvailable: 'half', maxUnavailable: -1 },
      }),
    )
    expect(refused.message).toMatch(/spec: Invalid value: .* cannot be both set/)
    expect(refused.message).toMatch(/spec.minAvailable: Invalid value: "half"/)
    expect(refused.message).toMatch(/spec.maxUnavailable: Invalid value: -1/)
  })
})

test.skipIf(!hasKubectl && process.env.CI === undefined)(
  'kubectl cordons, drains within the budget and uncordons (skipped where it is not installed)',
  async () => {
    const kubectl = async (...args: string[]) =>
      (await run('kubectl', ['--kubeconfig', lab.info.kubeconfig, ...args])).stdout
    await complete(client, 'web')
    expect(await kubectl('cordon', 'lab-node-2')).toContain('node/lab-node-2 cordoned')
    await eventually('it is tainted', async () => {
      const { spec } = await client.get(nodes, node(2))
      return spec?.taints?.some(({ key }) => key === 'node.kubernetes.io/unschedulable')
    })
    expect(await kubectl('get', 'nodes')).toMatch(/lab-node-2 +Ready,SchedulingDisabled /)
    expect(await kubectl('drain', 'lab-node-2', '--ignore-daemonsets')).toMatch(
      /evicting pod default\/web-[\s\S]*node\/lab-node-2 (drained|evicted)/,
    )
    expect(await podsOn(2)).toEqual([])
    await complete(client, 'web')
    expect(await kubectl('get', 'pdb')).toMatch(/web +2 +N\/A +1 /)
    expect(await kubectl('uncordon', 'lab-node-2')).toContain('node/lab-node-2 uncordoned')
    await eventually('its taint is gone', async () => (await client.get(nodes, node(2))).spec?.taints === undefined)
  },
)

test('a node that dies takes its pods with it; they are replaced, and it comes back', async () => {
  await complete(client, 'web')
  const number = (await podsOn(3)).length > 0 ? 3 : 1
  const [victim] = await podsOn(number)
  if (!victim) throw new Error('no pod')
  await client.create(faults, { metadata: { name: 'dead' }, spec: { node: { ...node(number), effect: 'down' } } })
  await eventually('the fault is in force', async () => {
    return (await client.get(faults, { name: 'dead' })).status?.phase === 'Active'
  })
  await expect(fetch(`http://${loopbackAddress(victim.status?.podIP ?? '')}:8000/`)).rejects.toThrow()

  await until('the node is lost', async () => readyOf(await client.get(nodes, node(number))) === 'Unknown')
  await until('its pod is on its way out', async () => {
    return (await client.get(pods, victim.metadata)).metadata.deletionTimestamp
  })
  await complete(client, 'web')
  const { metadata } = await client.get(pods, victim.metadata)
  expect(metadata.uid).toBe(victim.metadata.uid)

  await client.remove(faults, { name: 'dead' })
  await until('the node is back', async () => readyOf(await client.get(nodes, node(number))) === 'True')
  await until('the pod that was lost has gone', async () =>
    (await podsOn(number)).every(({ metadata }) => metadata.uid !== victim.metadata.uid),
  )
  await until('its taints are gone', async () => (await client.get(nodes, node(number))).spec?.taints === undefined)
  const { items } = await client.list(events)
  expect(items.map(({ reason }) => reason)).toEqual(expect.arrayContaining(['NodeNotReady', 'TaintManagerEviction']))
}, 60_000)

test('a pod whose node was down for a moment is started again there, and counts it', async () => {
  await complete(client, 'web')
  const [pod] = (await Promise.all([1, 2, 3].map(podsOn))).flat()
  const name = pod?.spec?.nodeName ?? ''
  await client.create(faults, { metadata: { name: 'blink' }, spec: { node: { name, effect: 'down' } } })
  await until('the fault is in force', async () => {
    return (await client.get(faults, { name: 'blink' })).status?.phase === 'Active'
  })
  await client.remove(faults, { name: 'blink' })
  const again = await until('it runs again', async () => {
    const found = await client.get(pods, pod?.metadata ?? { name: '' })
    const [status] = found.status?.containerStatuses ?? []
    return status?.ready && status.restartCount > 0 && status
  })
  expect(again).toMatchObject({ restartCount: 1, lastState: { terminated: { exitCode: 255 } } })
})

test('a node that was deleted comes back, as if its kubelet were started again', async () => {
  const { metadata } = await client.get(nodes, node(3))
  await client.remove(nodes, node(3))
  const back = await until('it is ready', async () => {
    const found = await client.get(nodes, node(3)).catch(() => undefined)
    return found && readyOf(found) === 'True' && found
  })
  expect(back.metadata.uid).not.toBe(metadata.uid)
  expect(back.status?.conditions?.map(({ type }) => type)).toContain('LabResponsive')
})

test('a fault is checked, and does not change', async () => {
  const create = (spec: object) => client.create(faults, { metadata: { name: 'odd' }, spec })
  expect((await refusalOf(create({}))).message).toMatch(/spec: Required value: a fault is of one of node/)
  expect((await refusalOf(create({ node: { name: 'x', effect: 'sad' } }))).message).toMatch(/supported values: "down"/)
})

/** As `eventually`, for what takes Kubernetes' own time. */
async function until<T>(what: string, probe: () => Promise<T | undefined | false>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await eventually(what, probe)
    } catch (error) {
      if (tries === 4) throw error
    }
  }
}
