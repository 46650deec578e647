import type { ContainerState, ContainerStatus, Pod } from 'kubernetes-types/core/v1.d.ts'
import { describe, expect, test } from 'vitest'
import { PodAddresses } from '../../../src/lab/kubelet/addresses.ts'
import { RestartBackoff } from '../../../src/lab/kubelet/backoff.ts'
import { LagMeter } from '../../../src/lab/kubelet/lag.ts'
import { requireSupportedPlatform } from '../../../src/lab/kubelet/platform.ts'
import { type PodFacts, podStatus } from '../../../src/lab/kubelet/pod-status.ts'
import { firstRoundMs, type ProbeKind, ProbeTally, scheduleOf } from '../../../src/lab/kubelet/probe-schedule.ts'

describe('restart back-off', () => {
  test('the first restart is at once, then it doubles up to the longest', () => {
    const backoff = new RestartBackoff(10_000, 300_000)
    const waits = Array.from({ length: 8 }, () => {
      const wait = backoff.waitAfter(1_000)
      backoff.restarted(1_000)
      return wait / 1000
    })
    expect(waits).toEqual([0, 10, 20, 40, 80, 160, 300, 300])
  })

  test('a run of more than twice the longest wait clears it', () => {
    const backoff = new RestartBackoff(10_000, 300_000)
    backoff.restarted(0)
    backoff.restarted(0)
    expect(backoff.waitAfter(600_000)).toBe(20_000)
    expect(backoff.waitAfter(600_001)).toBe(0)
  })
})

describe('probe counting', () => {
  test('Kubernetes defaults', () => {
    expect(scheduleOf({})).toEqual({
      initialDelayMs: 0,
      periodMs: 10_000,
      timeoutMs: 1_000,
      successThreshold: 1,
      failureThreshold: 3,
    })
  })

  test('only a row as long as the threshold says something', () => {
    const tally = new ProbeTally(scheduleOf({ successThreshold: 2, failureThreshold: 3 }))
    const outcomes = [true, true, false, false, true, false, false, false, false, true, true]
    expect(outcomes.map((healthy) => tally.record(healthy))).toEqual([
      undefined,
      true,
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
      false,
      false,
      undefined,
      true,
    ])
  })
})

describe('the first probe, of a container that started at 0 s', () => {
  test.each<[kind: ProbeKind, periodSeconds: number, initialDelaySeconds: number, seen: number, first: number]>([
    ['readiness', 10, 0, 0.5, 0.5],
    ['readiness', 2, 1, 0.5, 2.5],
    ['readiness', 2, 5, 0.5, 6.5],
    ['readiness', 10, 0, 7, 7],
    ['liveness', 10, 0, 0.5, 10],
    ['liveness', 10, 10, 0.5, 10],
    ['liveness', 10, 11, 0.5, 20],
    ['liveness', 10, 0, 25, 30],
    ['startup', 1, 0, 0.5, 1],
    ['startup', 1, 3, 0.5, 3],
  ])(
    '%s, every %d s after %d s, known to run at %d s: at %d s',
    (kind, periodSeconds, initialDelaySeconds, seen, first) => {
      const schedule = scheduleOf({ periodSeconds, initialDelaySeconds })
      expect(firstRoundMs(kind, schedule, { startedAtMs: 0, seenAtMs: seen * 1000 })).toBe(first * 1000)
    },
  )
})

describe('pod addresses', () => {
  test('a released address is the last to be given out again', () => {
    const addresses = new PodAddresses('198.18.64')
    const all = Array.from({ length: 253 }, () => addresses.take())
    expect([addresses.node, all[0], all[252], new Set(all).size]).toEqual([
      '198.18.64.1',
      '198.18.64.2',
      '198.18.64.254',
      253,
    ])
    expect(addresses.take()).toBeUndefined()
    addresses.release('198.18.64.9')
    addresses.release('198.18.64.3')
    expect([addresses.take(), addresses.take(), addresses.take()]).toEqual(['198.18.64.3', '198.18.64.9', undefined])
  })

  test('a released address is not given out at once', () => {
    const addresses = new PodAddresses('198.18.64')
    addresses.release(addresses.take() ?? '')
    expect(addresses.take()).toBe('198.18.64.3')
  })
})

describe('pod status', () => {
  const running: ContainerState = { running: { startedAt: '2025-01-01T00:00:00Z' } }
  const waiting: ContainerState = { waiting: { reason: 'ContainerCreating' } }
  const exited = (exitCode: number): ContainerState => ({ terminated: { exitCode } })

  function container(state: ContainerState, more: Partial<ContainerStatus> = {}): ContainerStatus {
    return { name: 'c', image: 'i', imageID: '', ready: false, restartCount: 0, state, lastState: {}, ...more }
  }

  function statusOf(facts: Partial<PodFacts>, restartPolicy = 'Always', spec: Partial<Pod['spec'] & object> = {}) {
    return podStatus({
      pod: { spec: { containers: [], restartPolicy, ...spec } },
      previous: {},
      podIP: '198.18.64.2',
      hostIP: '198.18.64.1',
      startTime: '2025-01-01T00:00:00Z',
      initContainers: [],
      sidecars: new Set<string>(),
      containers: [],
      now: Date.UTC(2025, 0, 1),
      ...facts,
    })
  }

  test.each<[string, string, ContainerStatus[]]>([
    ['Pending', 'Always', [container(running), container(waiting)]],
    ['Running', 'Always', [container(running), container(waiting, { lastState: exited(1) })]],
    ['Running', 'Always', [container(exited(1))]],
    ['Running', 'OnFailure', [container(exited(1))]],
    ['Running', 'Never', [container(exited(1)), container(running)]],
    ['Failed', 'Never', [container(exited(1)), container(exited(0))]],
    ['Succeeded', 'Never', [container(exited(0)), container(exited(0))]],
    ['Succeeded', 'OnFailure', [container(exited(0))]],
  ])('the phase is %s with restart policy %s', (phase, policy, containers) => {
    expect(statusOf({ containers }, policy).phase).toBe(phase)
  })

  test('init containers come first', () => {
    const containers = [container({ waiting: { reason: 'PodInitializing' } })]
    expect(statusOf({ containers, initContainers: [container(running)] }).phase).toBe('Pending')
    expect(statusOf({ containers, initContainers: [container(exited(1))] }, 'Never').phase).toBe('Failed')
    expect(statusOf({ containers, initContainers: [container(exited(0), { ready: true })] }).phase).toBe('Pending')
  })

  test('conditions say what is not ready, and keep their time while their status stays', () => {
    const first = statusOf({ containers: [container(running)] })
    expect(first.conditions?.map(({ type, status }) => `${type}=${status}`)).toEqual([
      'Initialized=True',
      'Ready=False',
      'ContainersReady=False',
      'PodScheduled=True',
    ])
    expect(first.conditions?.[1]).toMatchObject({
      reason: 'ContainersNotReady',
      message: 'containers with unready status: [c]',
      lastTransitionTime: '2025-01-01T00:00:00Z',
    })
    const later = { previous: first, now: Date.UTC(2025, 0, 2), containers: [container(running, { ready: true })] }
    expect(statusOf(later).conditions?.map(({ lastTransitionTime }) => lastTransitionTime?.slice(8, 10))).toEqual([
      '01',
      '02',
      '02',
      '01',
    ])
  })

  test('a readiness gate that nobody has opened holds the pod back', () => {
    const gates = { readinessGates: [{ conditionType: 'example.com/open' }] }
    const { conditions } = statusOf({ containers: [container(running, { ready: true })] }, 'Always', gates)
    expect(conditions?.find(({ type }) => type === 'Ready')).toMatchObject({
      status: 'False',
      reason: 'ReadinessGatesNotReady',
    })
    expect(conditions?.find(({ type }) => type === 'ContainersReady')).toMatchObject({ status: 'True' })
  })
})

test('the lag meter sees that nothing ran', () => {
  const lag = new LagMeter()
  const since = performance.now()
  while (performance.now() - since < 120) {
    // Busy, as a process is that cannot serve its timers.
  }
  expect(lag.worstSince(since)).toBeGreaterThan(90)
  lag.stop()
})

test('other platforms are refused', () => {
  expect(() => requireSupportedPlatform('darwin')).toThrow(
    expect.objectContaining({ code: 'CHAOS_LAB_UNSUPPORTED_PLATFORM' }),
  )
  expect(() => requireSupportedPlatform('linux')).not.toThrow()
})
