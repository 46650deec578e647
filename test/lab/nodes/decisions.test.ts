import type { Node, Pod, Taint } from 'kubernetes-types/core/v1.d.ts'
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.d.ts'
import { describe, expect, test } from 'vitest'
import { budgetStatus, nextExpiry } from '../../../src/lab/controllers/disruption/decide.ts'
import { evictionTime, taintsOf, unknownConditions } from '../../../src/lab/controllers/nodes/decide.ts'
import { chooseNode } from '../../../src/lab/controllers/scheduler/choose.ts'
import { apiTime } from '../../../src/lab/time.ts'

const now = Date.parse('2026-01-01T00:00:00Z')
const time = apiTime(now)

function nodeOf(ready: string, spec: Node['spec'] = {}): Node {
  return { metadata: { name: 'n' }, spec, status: { conditions: [{ type: 'Ready', status: ready }] } }
}

describe('the taints of a node', () => {
  test('say that it is cordoned, not ready, or lost, and leave those of others alone', () => {
    expect(taintsOf(nodeOf('True', { unschedulable: true }), now)).toEqual([
      { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule', timeAdded: time },
    ])
    expect(taintsOf(nodeOf('False'), now).map(({ key, effect }) => `${key}:${effect}`)).toEqual([
      'node.kubernetes.io/not-ready:NoSchedule',
      'node.kubernetes.io/not-ready:NoExecute',
    ])
    const others: Taint[] = [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }]
    const lost = taintsOf(nodeOf('Unknown', { taints: others }), now)
    expect(lost.map(({ key }) => key)).toEqual([
      'gpu',
      'node.kubernetes.io/unreachable',
      'node.kubernetes.io/unreachable',
    ])
    expect(taintsOf(nodeOf('True', { taints: lost }), now)).toEqual(others)
    expect(taintsOf(nodeOf('Unknown', { taints: lost }), now + 5_000)).toEqual(lost)
  })

  test('a silent node is unknown in all that its kubelet says of it, once', () => {
    const never = (type: string) => ({ type, status: 'Unknown', reason: 'NodeStatusNeverUpdated' })
    const conditions = unknownConditions(nodeOf('True'), now)
    expect(conditions).toMatchObject([
      { type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown' },
      ...['MemoryPressure', 'DiskPressure', 'PIDPressure'].map(never),
    ])
    const ofOthers = { type: 'NetworkUnavailable', status: 'False' }
    const status = { conditions: [ofOthers, ...(conditions ?? [])] }
    expect(unknownConditions({ status }, now)).toBeUndefined()
    expect(unknownConditions({ status: { conditions: [ofOthers] } }, now)).toMatchObject([never('Ready'), {}, {}, {}])
  })

  test('drive away the pods that do not tolerate them, at once or after a while', () => {
    const taints = taintsOf(nodeOf('Unknown'), now)
    const tolerating = (tolerationSeconds?: number): Pod => ({
      spec: {
        containers: [],
        tolerations: [
          {
            key: 'node.kubernetes.io/unreachable',
            operator: 'Exists',
            effect: 'NoExecute',
            ...(tolerationSeconds === undefined ? {} : { tolerationSeconds }),
          },
        ],
      },
    })
    expect(evictionTime({}, taints, now)).toBe(now)
    expect(evictionTime(tolerating(300), taints, now)).toBe(now + 300_000)
    expect(evictionTime(tolerating(), taints, now)).toBeUndefined()
    expect(evictionTime({}, taintsOf(nodeOf('True', { unschedulable: true }), now), now)).toBeUndefined()
  })

  test('keep new pods away, unless they tolerate them', () => {
    const taints: Taint[] = [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }]
    const tainted = { ...nodeOf('True', { taints }), metadata: { name: 'a' } }
    const free = { ...nodeOf('True'), metadata: { name: 'b' } }
    expect(chooseNode({}, [tainted, free], (node) => (node === 'b' ? 9 : 0))).toEqual({ node: 'b' })
    expect(chooseNode({}, [tainted], () => 0)).toEqual({
      refusal: '0/1 nodes are available: 1 node(s) had untolerated taint {gpu: yes}.',
    })
    const pod: Pod = { spec: { containers: [], tolerations: [{ key: 'gpu', operator: 'Exists' }] } }
    expect(chooseNode(pod, [tainted, free], (node) => (node === 'b' ? 9 : 0))).toEqual({ node: 'a' })
  })
})

describe('a disruption budget', () => {
  const podOf = (name: string, ready = true): Pod => ({
    metadata: { name },
    status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: time }] },
  })
  const budgetOf = (spec: PodDisruptionBudget['spec'], status?: PodDisruptionBudget['status']) => ({
    metadata: { generation: 3 },
    ...(spec ? { spec } : {}),
    ...(status ? { status } : {}),
  })
  const judge = (spec: PodDisruptionBudget['spec'], ready: number, unready = 0, wantedPods = ready + unready) => {
    const pods = Array.from({ length: ready + unready }, (_, index) => podOf(`p${index}`, index < ready))
    const { expectedPods, desiredHealthy, disruptionsAllowed } = budgetStatus({
      budget: budgetOf(spec),
      pods,
      wantedPods,
      now,
    })
    return { expectedPods, desiredHealthy, disruptionsAllowed }
  }

  test('allows what is healthy beyond what it wants', () => {
    expect(judge({ minAvailable: 2 }, 3)).toEqual({ expectedPods: 3, desiredHealthy: 2, disruptionsAllowed: 1 })
    expect(judge({ minAvailable: 2 }, 1, 2)).toEqual({ expectedPods: 3, desiredHealthy: 2, disruptionsAllowed: 0 })
    expect(judge({ maxUnavailable: 1 }, 3)).toEqual({ expectedPods: 3, desiredHealthy: 2, disruptionsAllowed: 1 })
    expect(judge({ maxUnavailable: 1 }, 2, 0, 5)).toMatchObject({ desiredHealthy: 4, disruptionsAllowed: 0 })
    expect(judge({ minAvailable: '50%' }, 5)).toMatchObject({ desiredHealthy: 3, disruptionsAllowed: 2 })
    expect(judge({ maxUnavailable: '30%' }, 4)).toMatchObject({ desiredHealthy: 2, disruptionsAllowed: 2 })
    expect(judge({ minAvailable: 0 }, 0)).toMatchObject({ expectedPods: 0, disruptionsAllowed: 0 })
  })

  test('does not count what it has allowed already, until that shows or two minutes are over', () => {
    const disrupted = (at: number, pods: Pod[]) =>
      budgetStatus({
        budget: budgetOf(
          { minAvailable: 1 },
          {
            currentHealthy: 2,
            desiredHealthy: 1,
            disruptionsAllowed: 0,
            expectedPods: 2,
            disruptedPods: { p0: apiTime(now) },
          },
        ),
        pods,
        wantedPods: 2,
        now: at,
      })
    const present = disrupted(now + 1_000, [podOf('p0'), podOf('p1')])
    expect(present).toMatchObject({ currentHealthy: 1, disruptionsAllowed: 0, disruptedPods: { p0: time } })
    expect(nextExpiry(present)).toBe(now + 120_000)
    expect(disrupted(now + 121_000, [podOf('p0'), podOf('p1')])).toMatchObject({ disruptionsAllowed: 1 })
    expect(disrupted(now + 1_000, [podOf('p1')])).not.toHaveProperty('disruptedPods')
  })

  test('says so in a condition', () => {
    const { conditions, observedGeneration } = budgetStatus({
      budget: budgetOf({ minAvailable: 1 }),
      pods: [podOf('p0')],
      wantedPods: 1,
      now,
    })
    expect(observedGeneration).toBe(3)
    expect(conditions).toMatchObject([{ type: 'DisruptionAllowed', status: 'False', reason: 'InsufficientPods' }])
  })
})
