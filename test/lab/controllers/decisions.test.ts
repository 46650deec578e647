import type { Node, Pod } from 'kubernetes-types/core/v1.d.ts'
import { describe, expect, test } from 'vitest'
import { subsetsOf } from '../../../src/lab/controllers/endpoints/subsets.ts'
import { planSlices, type SliceContent, slicesOf } from '../../../src/lab/controllers/endpointslices/slices.ts'
import { byDeletionOrder } from '../../../src/lab/controllers/replicaset/deletion-order.ts'
import { Expectations } from '../../../src/lab/controllers/replicaset/expectations.ts'
import { statusOf } from '../../../src/lab/controllers/replicaset/status.ts'
import { chooseNode } from '../../../src/lab/controllers/scheduler/choose.ts'

interface PodOptions {
  node?: string
  phase?: string
  readyAt?: string
  restarts?: number
  createdAt?: string
  ip?: string
  deleted?: boolean
}

function pod(name: string, options: PodOptions = {}): Pod {
  const {
    node = 'a',
    phase = 'Running',
    readyAt,
    restarts = 0,
    createdAt = '2026-01-01T00:00:00Z',
    ip,
    deleted,
  } = options
  const isReady = readyAt ? { status: 'True', lastTransitionTime: readyAt } : { status: 'False' }
  return {
    metadata: {
      name,
      namespace: 'default',
      uid: name,
      creationTimestamp: createdAt,
      ...(deleted ? { deletionTimestamp: createdAt } : {}),
    },
    spec: {
      ...(node ? { nodeName: node } : {}),
      containers: [{ name: 'web', ports: [{ name: 'http', containerPort: 8000 }] }],
    },
    status: {
      phase,
      ...(ip ? { podIP: ip } : {}),
      conditions: [{ type: 'Ready', ...isReady }],
      containerStatuses: [{ name: 'web', image: '', imageID: '', ready: false, restartCount: restarts }],
    },
  }
}

const names = (pods: readonly Pod[]) => pods.map(({ metadata }) => metadata?.name)

describe('a ReplicaSet that shrinks', () => {
  test('gives up first what serves least', () => {
    const at = (second: number) => `2026-01-01T00:00:0${second}Z`
    const pods = [
      pod('old', { readyAt: at(1) }),
      pod('young', { readyAt: at(1), createdAt: '2026-01-01T00:00:01Z' }),
      pod('restarted', { readyAt: at(1), restarts: 2 }),
      pod('lately-ready', { readyAt: at(5) }),
      pod('crowded', { readyAt: at(1), node: 'b' }),
      pod('not-ready'),
      pod('pending', { phase: 'Pending' }),
      pod('unassigned', { node: '', phase: 'Pending' }),
    ]
    const ordered = byDeletionOrder(pods, (node) => (node === 'b' ? 2 : 1))
    expect(names(ordered)).toEqual([
      'unassigned',
      'pending',
      'not-ready',
      'crowded',
      'lately-ready',
      'restarted',
      'young',
      'old',
    ])
  })
})

describe('the status of a ReplicaSet', () => {
  const replicaSet = { metadata: { generation: 3 }, spec: { minReadySeconds: 5, selector: {} } }
  const ready = pod('ready', { readyAt: '2026-01-01T00:00:00Z' })

  test('counts a pod as available when it was ready for longer than minReadySeconds', () => {
    const second = (n: number) => Date.parse('2026-01-01T00:00:00Z') + n * 1000
    expect(statusOf(replicaSet, [ready, pod('not')], undefined, second(5))).toEqual({
      replicas: 2,
      readyReplicas: 1,
      fullyLabeledReplicas: 2,
      observedGeneration: 3,
    })
    expect(statusOf(replicaSet, [ready], undefined, second(5) + 1)).toMatchObject({ availableReplicas: 1 })
  })

  test('says that pods could not be created, and no longer when they can', () => {
    const failure = { reason: 'FailedCreate', message: 'refused' } as const
    const failed = statusOf(replicaSet, [], failure, 0)
    expect(failed.conditions).toMatchObject([{ type: 'ReplicaFailure', status: 'True', ...failure }])
    expect(statusOf({ ...replicaSet, status: failed }, [], undefined, 0)).not.toHaveProperty('conditions')
  })
})

describe('expectations', () => {
  test('are met when every creation and deletion was seen, or failed', () => {
    const expectations = new Expectations(() => 0)
    expect(expectations.areMet('a')).toBe(true)
    expectations.expectCreations('a', 3)
    expectations.creationSeen('a')
    expect(expectations.areMet('a')).toBe(false)
    expectations.creationsFailed('a', 2)
    expect(expectations.areMet('a')).toBe(true)
    expectations.expectDeletions('a', ['x', 'y'])
    expectations.deletionSeen('a', 'x')
    expectations.deletionSeen('a', 'x')
    expect(expectations.areMet('a')).toBe(false)
    expectations.deletionSeen('a', 'y')
    expect(expectations.areMet('a')).toBe(true)
  })

  test('are given up after five minutes', () => {
    let now = 0
    const expectations = new Expectations(() => now)
    expectations.expectCreations('a', 1)
    now = 5 * 60_000
    expect(expectations.areMet('a')).toBe(false)
    now += 1
    expect(expectations.areMet('a')).toBe(true)
  })
})

describe('endpoints', () => {
  const service = { spec: { ports: [{ name: 'http', port: 80, targetPort: 'http' }] } }
  const readyAt = '2026-01-01T00:00:00Z'

  test('tell ready addresses from those that are not, in order, and leave out pods that go', () => {
    const pods = [
      pod('b', { ip: '198.18.64.10', readyAt }),
      pod('a', { ip: '198.18.64.9', readyAt }),
      pod('starting', { ip: '198.18.64.11' }),
      pod('going', { ip: '198.18.64.12', readyAt, deleted: true }),
      pod('without-address', { readyAt }),
    ]
    const [subset, ...others] = subsetsOf(service, pods)
    expect(others).toEqual([])
    expect(subset?.addresses?.map(({ ip }) => ip)).toEqual(['198.18.64.9', '198.18.64.10'])
    expect(subset?.notReadyAddresses?.map(({ targetRef }) => targetRef?.name)).toEqual(['starting'])
    expect(subset?.ports).toEqual([{ name: 'http', port: 8000, protocol: 'TCP' }])
  })

  test('publish all addresses where the service says so', () => {
    const publishing = { spec: { ...service.spec, publishNotReadyAddresses: true } }
    const pods = [pod('starting', { ip: '198.18.64.11' }), pod('going', { ip: '198.18.64.12', deleted: true })]
    expect(subsetsOf(publishing, pods)[0]?.addresses).toHaveLength(2)
  })

  test('have no address of a pod that lacks the named port', () => {
    const other = { spec: { ports: [{ port: 80, targetPort: 'metrics' }] } }
    expect(subsetsOf(other, [pod('a', { ip: '198.18.64.9', readyAt })])).toEqual([])
  })
})

describe('endpoint slices', () => {
  const service = { spec: { ports: [{ port: 80, targetPort: 'http' }] } }
  const readyAt = '2026-01-01T00:00:00Z'
  const ports = (port: number) => [{ name: '', port, protocol: 'TCP' }]

  test('say of each pod with an address what it is fit for, also of one that goes', () => {
    const pods = [
      pod('ready', { ip: '198.18.64.9', readyAt }),
      pod('starting', { ip: '198.18.64.10' }),
      pod('going', { ip: '198.18.64.11', readyAt, deleted: true }),
      pod('ended', { ip: '198.18.64.12', phase: 'Succeeded' }),
      pod('without-address', { readyAt }),
    ]
    const [slice, ...others] = slicesOf(service, pods)
    expect(others).toEqual([])
    expect(slice?.ports).toEqual(ports(8000))
    expect(slice?.endpoints).toMatchObject([
      { addresses: ['198.18.64.9'], conditions: { ready: true, serving: true, terminating: false }, nodeName: 'a' },
      { targetRef: { name: 'starting' }, conditions: { ready: false, serving: false, terminating: false } },
      { targetRef: { name: 'going' }, conditions: { ready: false, serving: true, terminating: true } },
    ])
    const publishing = { spec: { ...service.spec, publishNotReadyAddresses: true } }
    expect(slicesOf(publishing, pods)[0]?.endpoints.every(({ conditions }) => conditions?.ready)).toBe(true)
  })

  test('hold a hundred endpoints each, and without a pod there is an empty one', () => {
    const pods = Array.from({ length: 250 }, (_, n) => pod(`p${n}`, { ip: `198.18.${n >> 7}.${n & 127}`, readyAt }))
    expect(slicesOf(service, pods).map(({ endpoints }) => endpoints.length)).toEqual([100, 100, 50])
    expect(slicesOf(service, [])).toEqual([{ ports: [], endpoints: [] }])
  })

  test('are written again rather than made anew: first those with the same ports, then any', () => {
    const content = (port: number): SliceContent => ({ ports: ports(port), endpoints: [] })
    const slice = (name: string, port: number) => ({
      ...{ metadata: { name }, addressType: 'IPv4' },
      ...content(port),
    })
    const [a, b, c] = [slice('a', 1), slice('b', 2), slice('c', 3)]
    const [one, two, four, five] = [content(1), content(2), content(4), content(5)]
    expect(planSlices([a, b], [two, one])).toEqual({
      ...{ create: [], remove: [] },
      write: [
        { slice: b, content: two },
        { slice: a, content: one },
      ],
    })
    expect(planSlices([a, c], [four, one])).toMatchObject({
      ...{ create: [], remove: [] },
      write: [{ slice: a }, { slice: c, content: four }],
    })
    expect(planSlices([a], [four, five])).toMatchObject({ write: [{ slice: a, content: four }], create: [five] })
    expect(planSlices([a, b, c], [two])).toMatchObject({ write: [{ slice: b }], remove: [a, c] })
  })
})

describe('the choice of a node', () => {
  const node = (name: string, rest: Partial<Node> = {}): Node => ({
    metadata: { name },
    status: { conditions: [{ type: 'Ready', status: 'True' }] },
    ...rest,
  })
  const counts = (of: Record<string, number>) => (name: string) => of[name] ?? 0

  test('falls on the one with the fewest pods', () => {
    expect(chooseNode(pod('x'), [node('a'), node('b')], counts({ a: 2, b: 1 }))).toEqual({ node: 'b' })
  })

  test('passes over nodes that are cordoned, tainted, full or not ready, and says why', () => {
    const taints = [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }]
    const ready = node('any').status
    const all = [
      node('cordoned', { spec: { unschedulable: true } }),
      node('tainted', { spec: { taints } }),
      node('full', { status: { ...ready, allocatable: { pods: '1' } } }),
      node('lost', { status: { conditions: [{ type: 'Ready', status: 'Unknown' }] } }),
    ]
    expect(chooseNode(pod('x'), all, counts({ full: 1 }))).toEqual({
      refusal:
        '0/4 nodes are available: 1 Too many pods, 1 node(s) had untolerated taint {gpu: yes}, 1 node(s) were not ready, 1 node(s) were unschedulable.',
    })
    const tolerant: Pod = { ...pod('x'), spec: { containers: [], tolerations: [{ key: 'gpu', operator: 'Exists' }] } }
    expect(chooseNode(tolerant, all, counts({ full: 1 }))).toEqual({ node: 'tainted' })
    expect(chooseNode(pod('x'), [], counts({}))).toEqual({ refusal: 'no nodes available to schedule pods' })
  })
})
