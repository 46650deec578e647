import { describe, expect, test } from 'vitest'
import type { ChaosEvent } from '../../src/journal/events.ts'
import { reduce, stateOf } from '../../src/journal/reduce.ts'
import { emptyRun, type HypothesisState, hypothesesOf, isKnownWeakness, isOwed } from '../../src/journal/state.ts'
import { playDeviated, playHeld, Script, startMs } from './script.ts'

const title = 'rolling out a new service2 is transparent to our users'

function onlyHypothesis(events: readonly ChaosEvent[]): HypothesisState {
  const [hypothesis, ...others] = hypothesesOf(stateOf(events))
  expect(others).toEqual([])
  if (!hypothesis) throw new Error('there is no hypothesis')
  return hypothesis
}

test('a held hypothesis keeps all that was done and seen', () => {
  const script = new Script().start()
  playHeld(script.file('new.chaos.ts'), 'h1', title)
  script.end('held', 0)

  const hypothesis = onlyHypothesis(script.events)
  expect(hypothesis).toMatchObject({ title, file: 'new.chaos.ts', expected: 'held', startedAt: startMs })
  expect(hypothesis.outcome).toMatchObject({ verdict: 'held', deviated: false })
  expect(hypothesis.phases.map(({ phase }) => phase)).toEqual(['before', 'method', 'after', 'rollback', 'restored'])
  expect(hypothesis.phases.every(({ startedAt, endedAt }) => endedAt !== undefined && endedAt >= startedAt)).toBe(true)
  expect(hypothesis.checks.map(({ phase, met }) => [phase, met])).toEqual([
    ['before', true],
    ['after', true],
    ['restored', true],
  ])
  expect(hypothesis.actions).toMatchObject([
    {
      id: 'action-h1',
      phase: 'method',
      before: { image: 'counter/service2:v1' },
      after: { image: 'counter/service2:v2' },
      undo: { status: 'undone', by: 'worker' },
    },
  ])
  expect(hypothesis.traffic).toMatchObject([{ id: 'users', phase: 'method', summary: { planned: 200, failed: 0 } }])
  expect(hypothesis.prometheus).toMatchObject([{ result: '0 of 200 (0 %)', value: 0, phase: 'method' }])
  expect(hypothesis.progress).toMatchObject([{ subject: 'deployment/service2', phase: 'method' }])
  expect(hypothesis.findings).toMatchObject([{ title: 'the counter was reset', data: { before: 118, after: 3 } }])
})

test('the run keeps its head and its end', () => {
  const script = new Script().start().wait(500).end('held', 0)
  expect(stateOf(script.events)).toMatchObject({
    run: { id: '2026-03-01T09-30-00-4f2a', version: '0.1.0', startedAt: startMs, arguments: ['specs/rollout'] },
    ended: { verdict: 'held', exitCode: 0, at: startMs + 500 },
    lastEventAt: startMs + 500,
  })
})

describe('deviations', () => {
  test('a documented one counts as held, and is known to have been one', () => {
    const script = new Script().start()
    playDeviated(script.file('slow.chaos.ts'), 'h1', title, 'deviated')
    const hypothesis = onlyHypothesis(script.events)
    expect(hypothesis.outcome).toMatchObject({
      verdict: 'held',
      deviated: true,
      reason: expect.stringContaining('6 %'),
    })
    expect(isKnownWeakness(hypothesis)).toBe(true)
  })

  test('an unexpected one is a deviation', () => {
    const script = new Script().start()
    playDeviated(script.file('slow.chaos.ts'), 'h1', title, 'held')
    const hypothesis = onlyHypothesis(script.events)
    expect(hypothesis.outcome).toMatchObject({ verdict: 'deviated', deviated: true })
    expect(isKnownWeakness(hypothesis)).toBe(false)
  })

  test('a documented one that did not show is one, too', () => {
    const script = new Script().start()
    const hypothesis = script.file('slow.chaos.ts').hypothesis('h1', title, 'deviated')
    hypothesis.add({ type: 'hypothesis-ended', verdict: 'deviated', deviated: false, code: 'CHAOS_WEAKNESS_GONE' })
    const reduced = onlyHypothesis(script.events)
    expect(reduced.outcome).toMatchObject({ verdict: 'deviated', code: 'CHAOS_WEAKNESS_GONE' })
    expect(isKnownWeakness(reduced)).toBe(false)
  })
})

test.each(['unsteady', 'inconclusive', 'failed'] as const)('%s passes through, with its reason', (verdict) => {
  const script = new Script().start()
  const hypothesis = script.file('a.chaos.ts').hypothesis('h1', title, 'deviated').check('before', false, 'no answer')
  hypothesis.add({ type: 'hypothesis-ended', verdict, deviated: true, reason: 'no answer', code: 'CHAOS_X' })
  const reduced = onlyHypothesis(script.events)
  expect(reduced.outcome).toMatchObject({ verdict, reason: 'no answer', code: 'CHAOS_X' })
  expect(reduced.phases).toMatchObject([{ phase: 'before', error: { message: 'no answer' } }])
  expect(reduced.checks).toMatchObject([{ met: false, error: { message: 'no answer' } }])
})

test('the hypothesis of a dead worker has no verdict until someone tells it', () => {
  const script = new Script().start()
  const file = script.file('a.chaos.ts')
  const hypothesis = file.hypothesis('h1', title).check('before').enter('method').setImage('a1', 'v4')
  file.add({ type: 'worker-died', pid: 42 })
  expect(onlyHypothesis(script.events).outcome).toBeUndefined()
  expect(stateOf(script.events).files).toMatchObject([{ path: 'a.chaos.ts', workerDied: { pid: 42 } }])
  expect(onlyHypothesis(script.events).actions.map(isOwed)).toEqual([true])

  hypothesis.undone('a1', 'undone', 'command')
  hypothesis.add({ type: 'hypothesis-ended', verdict: 'failed', deviated: false, code: 'CHAOS_WORKER_DIED' })
  expect(onlyHypothesis(script.events).outcome).toMatchObject({ verdict: 'failed', code: 'CHAOS_WORKER_DIED' })
  expect(onlyHypothesis(script.events).actions).toMatchObject([{ undo: { status: 'undone', by: 'command' } }])
})

test('of several interruptions the first is kept', () => {
  const script = new Script().start().add({ type: 'interrupted', signal: 'SIGINT' })
  script.wait(100).add({ type: 'interrupted', signal: 'SIGTERM' })
  expect(stateOf(script.events).interruption).toEqual({ signal: 'SIGINT', at: startMs })
})

describe('undos', () => {
  test('one that failed is still owed, until a later attempt works', () => {
    const script = new Script().start()
    const hypothesis = script.file('a.chaos.ts').hypothesis('h1', title).enter('method').setImage('a1', 'v4')
    hypothesis.undone('a1', 'failed')
    expect(onlyHypothesis(script.events).actions).toMatchObject([
      { undo: { status: 'failed', error: { message: 'the API server does not answer' } } },
    ])
    expect(onlyHypothesis(script.events).actions.map(isOwed)).toEqual([true])

    hypothesis.undone('a1', 'undone', 'recover')
    expect(onlyHypothesis(script.events).actions[0]?.undo).toMatchObject({ status: 'undone', by: 'recover' })
    expect(onlyHypothesis(script.events).actions[0]?.undo).not.toHaveProperty('error')
  })

  test('one that is heard of before its action is not owed any more', () => {
    const script = new Script().start()
    script.file('a.chaos.ts').hypothesis('h1', title).setImage('a1', 'v4').undone('a1')
    const undo = script.events.findIndex(({ type }) => type === 'undo-ended')
    const reordered = [...script.events.slice(undo), ...script.events.slice(0, undo)]
    const [action] = onlyHypothesis(reordered).actions
    expect(action).toMatchObject({ title: 'set image of deployment/service2 to v4', undo: { status: 'undone' } })
  })

  test('an action that needs none owes none', () => {
    const script = new Script().start()
    const action = { type: 'action-started', action: 'a1', title: 'look around' } as const
    script.file('a.chaos.ts').hypothesis('h1', title).add(action)
    expect(onlyHypothesis(script.events).actions.map(isOwed)).toEqual([false])
  })
})

test('what hooks do belongs to their file, and what the run does to the run', () => {
  const script = new Script().start().add({ type: 'action-started', action: 'a0', title: 'apply the manifests' })
  const file = script.file('a.chaos.ts')
  file.add({ type: 'action-started', action: 'a1', title: 'scale', undo: 'the scale as it was' })
  file.add({ type: 'finding', title: 'seen in a hook' })
  script.add({ type: 'notice', message: '3 spans were dropped' })
  const state = stateOf(script.events)
  expect(state.actions).toMatchObject([{ id: 'a0' }])
  expect(state.files).toMatchObject([{ actions: [{ id: 'a1' }], findings: [{ title: 'seen in a hook' }] }])
  expect(state.notices).toEqual([{ message: '3 spans were dropped', at: startMs }])
})

test('the order between files does not matter', () => {
  const one = new Script()
  playHeld(one.file('one.chaos.ts'), 'h1', 'one')
  const two = new Script()
  playDeviated(two.file('two.chaos.ts'), 'h2', 'two', 'held')
  const inTurn = one.events.flatMap((event, index) => {
    const other = two.events[index]
    return other ? [event, other] : [event]
  })
  const byPath = (events: readonly ChaosEvent[]) => Map.groupBy(stateOf(events).files, ({ path }) => path)
  expect(byPath([...inTurn, ...two.events.slice(one.events.length)])).toEqual(byPath([...two.events, ...one.events]))
})

test('traffic counts while it flows', () => {
  const script = new Script().start()
  const hypothesis = script.file('a.chaos.ts').hypothesis('h1', title).enter('method')
  hypothesis.add({ type: 'traffic-started', traffic: 't', url: 'http://a/', perSecond: 10 })
  hypothesis.add({ type: 'traffic-progress', traffic: 't', outcomes: { '2xx': 10 } })
  hypothesis.add({ type: 'traffic-progress', traffic: 't', outcomes: { '2xx': 8, timeout: 2 } })
  expect(onlyHypothesis(script.events).traffic).toMatchObject([{ outcomes: { '2xx': 18, timeout: 2 } }])
})

test('each run of one traffic is kept, in the phase that it ran in', () => {
  const latencyMs = { p50: 1, p90: 1, p99: 1, max: 1 }
  const script = new Script().start()
  const hypothesis = script.file('a.chaos.ts').hypothesis('h1', title)
  for (const [phase, planned] of [
    ['method', 200],
    ['after', 20],
  ] as const) {
    const summary = { planned, completed: planned, failed: 0, dropped: 0, outcomes: { '2xx': planned }, latencyMs }
    hypothesis.enter(phase)
    hypothesis.add({ type: 'traffic-started', traffic: 't', url: 'http://a/', perSecond: 10 })
    hypothesis.add({ type: 'traffic-ended', traffic: 't', startedAt: script.now, summary })
  }
  expect(onlyHypothesis(script.events).traffic).toMatchObject([
    { phase: 'method', summary: { planned: 200 } },
    { phase: 'after', summary: { planned: 20 } },
  ])
})

test('an unknown type of event changes nothing', () => {
  const script = new Script().start()
  playHeld(script.file('a.chaos.ts'), 'h1', title)
  const state = stateOf(script.events)
  const unknown = JSON.parse(`{"type":"moon-phase","at":${script.now},"file":"a.chaos.ts","hypothesis":"h1"}`)
  expect(reduce(state, unknown)).toEqual(state)
})

test('events whose start was lost are kept', () => {
  const script = new Script()
  script.add({ type: 'finding', title: 'seen' }, { file: 'a.chaos.ts', hypothesis: 'h1' })
  script.add({ type: 'phase-ended', phase: 'method' }, { hypothesis: 'h1' })
  expect(onlyHypothesis(script.events)).toMatchObject({
    id: 'h1',
    title: 'h1',
    file: 'a.chaos.ts',
    findings: [{ title: 'seen' }],
    phases: [{ phase: 'method' }],
  })
})

test('it does not change the state that it is given', () => {
  const script = new Script().start()
  playHeld(script.file('a.chaos.ts'), 'h1', title)
  const deepFreeze = <T>(value: T): T => {
    if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(deepFreeze)
    return value
  }
  const state = script.events.reduce((before, event) => reduce(deepFreeze(before), event), emptyRun)
  expect(state).toEqual(stateOf(script.events))
})
