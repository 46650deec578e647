import { expect, test } from 'vitest'
import { experimentJournal } from '../../src/journal/experiment.ts'
import { jsonText } from '../../src/journal/json.ts'
import { stateOf } from '../../src/journal/reduce.ts'
import { hypothesesOf } from '../../src/journal/state.ts'
import { traceUrl } from '../../src/journal/trace-link.ts'
import type { ExperimentJournal } from '../../src/journal/types.ts'
import { flawsOf } from './schemas.ts'
import { playDeviated, playHeld, Script } from './script.ts'

const title = 'rolling out a new service2 is transparent to our users'

/** The journal of the first hypothesis, as a reader of its file gets it. */
function journalOf(script: Script): ExperimentJournal {
  const state = stateOf(script.events)
  const [hypothesis] = hypothesesOf(state)
  if (!hypothesis) throw new Error('there is no hypothesis')
  const journal = JSON.parse(jsonText(experimentJournal(state, hypothesis)))
  expect(flawsOf('experiment', journal)).toEqual([])
  expect(flawsOf('chaosToolkit', journal)).toEqual([])
  return journal
}

test('a held hypothesis', () => {
  const script = new Script().start()
  playHeld(script.file('specs/new.chaos.ts'), 'h1', title)
  const journal = journalOf(script.end('held', 0))
  expect(journal).toMatchObject({
    'chaoslib-version': 'chaos-test 0.1.0',
    platform: 'linux 6.1',
    node: 'builder',
    experiment: { title, description: 'specs/new.chaos.ts, on lab (namespace default)' },
    start: '2026-03-01T09:30:00.000+00:00',
    end: '2026-03-01T09:30:29.100+00:00',
    duration: 29.1,
    status: 'completed',
    deviated: false,
    steady_states: { before: { steady_state_met: true }, after: { steady_state_met: true }, during: [] },
  })
  expect(journal.run.map(({ activity }) => activity.name)).toEqual([
    'set image of deployment/service2 to counter/service2:v2',
    'traffic to http://127.18.67.10/',
    'svc_responses_total{name="service1"}',
  ])
  expect(journal.experiment.method).toEqual(journal.run.map(({ activity }) => activity))
  expect(journal.rollbacks).toMatchObject([{ status: 'succeeded', output: 'undone', duration: 3 }])
  expect(journal['chaos-test']).toMatchObject({
    run: '2026-03-01T09-30-00-4f2a',
    file: 'specs/new.chaos.ts',
    target: { kind: 'lab', name: 'lab', namespace: 'default' },
    verdict: 'held',
    reason: null,
    traceLink: `http://traces.test/trace/${'h1'.padStart(32, '0')}`,
    restored: { steady_state_met: true },
    actions: [{ before: { image: 'counter/service2:v1' }, undo: { status: 'undone', by: 'worker' } }],
    traffic: [{ summary: { planned: 200, failed: 0 } }],
    prometheus: [{ value: 0, from: '2026-03-01T09:30:02.100+00:00', to: '2026-03-01T09:30:22.100+00:00' }],
    findings: [{ title: 'the counter was reset', data: { before: 118, after: 3 } }],
  })
})

test('a documented deviation is completed and deviated, and its verdict is held', () => {
  const script = new Script().start()
  playDeviated(script.file('slow.chaos.ts'), 'h1', title, 'deviated')
  const journal = journalOf(script)
  expect(journal).toMatchObject({ status: 'completed', deviated: true })
  expect(journal['chaos-test']).toMatchObject({ verdict: 'held', expected: 'deviated', reason: expect.any(String) })
})

test('one that was unsteady shows the check of its file, and that nothing was done', () => {
  const script = new Script().start()
  const file = script.file('a.chaos.ts')
  const check = { title: 'users see no errors', phase: 'before', met: false, startedAt: script.now } as const
  file.add({ type: 'steady-state-checked', ...check, error: { message: '3 of 20 failed' } })
  file.hypothesis('h1', title).add({ type: 'hypothesis-ended', verdict: 'unsteady', deviated: false, reason: 'why' })
  const journal = journalOf(script)
  expect(journal).toMatchObject({ status: 'failed', deviated: false, run: [], rollbacks: [] })
  expect(journal.steady_states.before).toMatchObject({
    steady_state_met: false,
    probes: [{ tolerance_met: false, output: false, status: 'succeeded' }],
  })
})

test('a check that could not tell makes the steady state unknown', () => {
  const script = new Script().start()
  const hypothesis = script.file('a.chaos.ts').hypothesis('h1', title).check('before', null, 'connection refused')
  hypothesis.add({ type: 'hypothesis-ended', verdict: 'failed', deviated: false, reason: 'why' })
  expect(journalOf(script).steady_states.before).toMatchObject({
    steady_state_met: null,
    probes: [{ status: 'failed', exception: ['connection refused\n'], tolerance_met: false }],
  })
})

test('checks of the method are told one by one; of the others the last counts', () => {
  const script = new Script().start()
  const hypothesis = script.file('a.chaos.ts').hypothesis('h1', title).enter('method')
  hypothesis.look('method', true).look('method', false).leave('method')
  hypothesis.look('after', false).look('after', true).held()
  const { during, after } = journalOf(script).steady_states
  expect(during.map((each) => each.steady_state_met)).toEqual([true, false])
  expect(after).toMatchObject({ steady_state_met: true, probes: [{}] })
})

test('what a dead worker left behind is valid, and says that it was cut short', () => {
  const script = new Script().start()
  const hypothesis = script.file('a.chaos.ts').hypothesis('h1', title).enter('method')
  hypothesis.add({ type: 'action-started', action: 'a1', title: 'kill a pod', undo: 'the pod' })
  hypothesis.add({ type: 'traffic-started', traffic: 't', url: 'http://a/', perSecond: 10 })
  hypothesis.wait(500).add({ type: 'traffic-progress', traffic: 't', outcomes: { '2xx': 5 } })
  const journal = journalOf(script)
  expect(journal).toMatchObject({ status: null, end: null, duration: 0.5, rollbacks: [] })
  expect(journal.run).toMatchObject([
    { status: 'failed', exception: ['It was cut short.\n'], duration: 0.5 },
    { status: 'failed', output: { '2xx': 5 } },
  ])
  expect(journal['chaos-test']).toMatchObject({ verdict: null, actions: [{ undo: { status: 'owed' } }] })
})

test('what users did, in words, and the way to what they called are in the journal where they are known', () => {
  const script = new Script().start()
  const hypothesis = script.file('a.chaos.ts').hypothesis('h1', title).enter('method')
  const words = { load: '50 users who think for 1 s', reachedBy: 'cluster IP' }
  hypothesis.add({ type: 'traffic-started', traffic: 't', url: 'http://a/', perSecond: 0, ...words })
  hypothesis.add({ type: 'traffic-started', traffic: 'u', url: 'http://b/', perSecond: 10 })
  const [known, unknown] = journalOf(script)['chaos-test'].traffic
  expect(known).toMatchObject({ url: 'http://a/', ...words })
  expect(Object.keys(unknown ?? {})).not.toContain('load')
})

test('an undo that failed has failed', () => {
  const script = new Script().start()
  const hypothesis = script.file('a.chaos.ts').hypothesis('h1', title).enter('method').setImage('a1', 'v4')
  hypothesis.leave('method').enter('rollback').undone('a1', 'failed').leave('rollback')
  hypothesis.add({ type: 'hypothesis-ended', verdict: 'not-restored', deviated: true, code: 'CHAOS_NOT_RESTORED' })
  const journal = journalOf(script)
  expect(journal).toMatchObject({ status: 'failed', deviated: true })
  expect(journal.rollbacks).toMatchObject([{ status: 'failed', exception: ['the API server does not answer\n'] }])
})

test('an interrupted run says by what', () => {
  const script = new Script().start()
  const hypothesis = script.file('a.chaos.ts').hypothesis('h1', title).enter('method')
  script.add({ type: 'interrupted', signal: 'SIGTERM' })
  hypothesis.add({ type: 'hypothesis-ended', verdict: 'interrupted', deviated: false, reason: 'SIGTERM' })
  const journal = journalOf(script)
  expect(journal.status).toBe('interrupted')
  expect(journal['chaos-test'].interruption).toMatchObject({ signal: 'SIGTERM' })
})

test('numbers that JSON does not know are null', () => {
  const script = new Script().start()
  const hypothesis = script.file('a.chaos.ts').hypothesis('h1', title).enter('method').prometheus('NaN', Number.NaN)
  hypothesis.add({ type: 'finding', title: 'odd', data: { rate: Number.POSITIVE_INFINITY, missing: undefined } }).held()
  const details = journalOf(script)['chaos-test']
  expect(details.prometheus).toMatchObject([{ value: null }])
  expect(details.findings).toMatchObject([{ data: { rate: null } }])
})

test('a trace has a URL where there is a template', () => {
  expect(traceUrl('http://t/{traceId}?focus={traceId}', 'abc')).toBe('http://t/abc?focus=abc')
  expect(traceUrl(undefined, 'abc')).toBeUndefined()
  expect(traceUrl('http://t/{traceId}', '')).toBeUndefined()
})
