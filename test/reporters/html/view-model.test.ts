import { describe, expect, test } from 'vitest'
import { reportOf } from '../../../reporters/html/view-model.ts'
import { playDeviated, playHeld, Script, startMs } from '../../journal/script.ts'
import { attribute, exported, hex, request, span } from './otlp.ts'

const zeros = { p50: 0, p90: 0, p99: 0, max: 0 }

function talk(): Script {
  const script = new Script().start()
  playHeld(script.file('specs/new.chaos.ts'), 'a1', 'a new version is transparent')
  playDeviated(script.file('specs/slower.chaos.ts'), 'b2', 'a slower version is transparent', 'deviated')
  return script.end('held', 0)
}

describe('the hypotheses', () => {
  const { view } = reportOf(talk().events, [])

  test('each has its verdict and the sentence that explains it', () => {
    expect(view.hypotheses.map(({ verdict, sentence }) => [verdict, sentence])).toEqual([
      ['held', '200 requests, none failed; 99 of 100 took less than 41 ms. What was done is undone.'],
      ['known-weakness', 'Expected an error rate below 1 %, but it was 6 % (12 of 200 requests)'],
    ])
    expect(view.run).toMatchObject({ verdict: 'held', exitCode: 0, advice: '' })
  })

  test('each has the anchor that its journal is named by', () => {
    expect(view.hypotheses.map(({ anchor }) => anchor)).toEqual([
      'new--a-new-version-is-transparent',
      'slower--a-slower-version-is-transparent',
    ])
  })

  test('what was done stands with its undo, and the phases with their times', () => {
    const [held] = view.hypotheses
    expect(held?.actions).toMatchObject([
      { title: 'set image of deployment/service2 to counter/service2:v2', undo: { status: 'undone', by: 'worker' } },
    ])
    expect(held?.phases.map(({ phase }) => phase)).toEqual(['before', 'method', 'after', 'rollback', 'restored'])
    expect(held?.phases.every(({ from, to }) => to >= from)).toBe(true)
    expect(held?.traffic).toMatchObject([{ perSecond: 10, phase: 'method', seconds: [{ outcomes: { '2xx': 90 } }] }])
    expect(held?.findings).toMatchObject([{ title: 'the counter was reset', data: '{"before":118,"after":3}' }])
  })

  test('it can be made again, and comes out the same', () => {
    expect(reportOf(talk().events, [])).toEqual(reportOf(talk().events, []))
  })
})

test('the steady state that hooks saw belongs to the hypothesis that it was seen before', () => {
  const script = new Script().start()
  const file = script.file('specs/a.chaos.ts')
  const seen = () => {
    const startedAt = script.now
    script.wait(2000)
    file.add({ type: 'steady-state-checked', title: 'all is well', phase: 'before', met: true, startedAt })
  }
  seen()
  file.hypothesis('a1', 'one').enter('method').leave('method').held()
  script.wait(500)
  seen()
  file.hypothesis('a2', 'two').enter('method').leave('method').held()
  const { hypotheses } = reportOf(script.end('held', 0).events, []).view
  expect(hypotheses.map(({ checks }) => checks.map(({ from }) => from - startMs))).toEqual([[0], [2500]])
})

test('of a run that was cut, all is told that was known', () => {
  const script = new Script().start()
  const hypothesis = script.file('specs/a.chaos.ts').hypothesis('a1', 'cut short').check('before').enter('method')
  hypothesis.setImage('action', 'counter/service2:v2')
  hypothesis.add({ type: 'traffic-started', traffic: 'users', url: 'http://127.18.67.10/', perSecond: 10 })
  hypothesis.wait(1000).add({ type: 'traffic-progress', traffic: 'users', outcomes: { '2xx': 9, refused: 1 } })
  const { view } = reportOf(script.events, [])
  expect(view.run).not.toHaveProperty('verdict')
  expect(view.run.endedAt).toBe(script.now)
  expect(view.hypotheses).toMatchObject([
    {
      verdict: 'unfinished',
      sentence: 'Its end was never recorded: it still runs, or the command died.',
      endedAt: script.now,
      phases: [{ phase: 'before' }, { phase: 'method', to: script.now }],
      actions: [{ undo: { status: 'owed' } }],
      traffic: [{ to: script.now, outcomes: { '2xx': 9, refused: 1 } }],
    },
  ])
})

test('of a run without a single event there is a report, too', () => {
  expect(reportOf([], []).view).toMatchObject({ hypotheses: [], run: { id: 'unknown', advice: '' } })
})

describe('who was ready', () => {
  const deployment = 'deployment/service2'
  function playRollout() {
    const script = new Script().start()
    const hypothesis = script.file('specs/a.chaos.ts').hypothesis('a1', 'rollout').enter('method')
    const seen = (subject: string, before: number, later: number, notReady: number) =>
      hypothesis.wait(1000).add({ type: 'readiness-seen', subject, ready: { before, later, notReady } })
    const readiness = () => reportOf(script.events, []).view.hypotheses[0]?.readiness
    return { script, hypothesis, seen, readiness }
  }
  const counts = { desired: 1, updated: 1, available: 1, unavailable: 1, old: 1 }

  test('is told as it was seen, to the end; what never changed is not shown', () => {
    const { script, hypothesis, seen, readiness } = playRollout()
    seen('service/service1', 1, 0, 0)
    seen('service/service2', 1, 0, 0)
    seen(deployment, 1, 0, 0)
    hypothesis.add({ type: 'action-progress', subject: deployment, message: 'one', data: counts })
    seen(deployment, 1, 0, 1)
    seen('service/service2', 0, 1, 0)
    seen('service/service1', 1, 0, 0)
    hypothesis.wait(1000).held()
    expect(readiness()).toMatchObject([
      {
        subject: deployment,
        steps: [
          { before: 1, notReady: 0 },
          { before: 1, notReady: 1 },
        ],
        until: script.now,
      },
      { subject: 'service/service2', steps: [{ before: 1 }, { before: 0, later: 1 }], until: script.now },
    ])
  })

  test('is told by the status of a workload where its pods were not seen; progress of another kind tells nothing', () => {
    const { script, hypothesis, readiness } = playRollout()
    hypothesis.setImage('slow', 'counter/service2:v4')
    hypothesis.add({ type: 'action-progress', subject: deployment, message: 'one', data: counts })
    hypothesis.add({ type: 'action-progress', subject: deployment, message: 'two', data: 'no counts' })
    hypothesis.add({ type: 'action-progress', subject: 'database', message: 'three' })
    const undoneAt = hypothesis.wait(1000).now
    hypothesis.rollBack('slow').held()
    expect(script.now).toBeGreaterThan(undoneAt)
    expect(readiness()).toMatchObject([
      { subject: deployment, steps: [{ before: 1, later: 0, notReady: 1 }], until: undoneAt },
    ])
  })
})

describe('the spans', () => {
  const own = 'a1'.padStart(32, '0')
  function play(): Script {
    const script = new Script().start()
    script.file('specs/a.chaos.ts').hypothesis('a1', 'requests').enter('method').wait(5000).leave('method').held()
    return script.end('held', 0)
  }

  test('requests belong to the hypothesis that they were sent in, with the pods that they came through', () => {
    const spans = [
      ...request({ linkedTo: own, number: 1, at: startMs + 100, latencyMs: 12 }),
      ...request({
        linkedTo: own,
        number: 2,
        at: startMs + 200,
        latencyMs: 1004,
        outcome: '5xx',
        status: 503,
        isFailed: true,
      }),
      ...request({ number: 3, at: startMs + 200, latencyMs: 5 }),
    ]
    const { book, view } = reportOf(play().events, spans)
    expect(view.spans).toEqual({ kept: 9, total: 9 })
    const shown = book.requests.map(([hypothesis, trace, at, latencyMs, outcome, status, isFailed]) => {
      return [hypothesis, book.traces[trace]?.[0], at / 1000, latencyMs, book.texts[outcome], status, isFailed]
    })
    expect(shown).toEqual(
      expect.arrayContaining([
        [0, hex(0xa0001, 32), 100, 12, '2xx', 200, 0],
        [0, hex(0xa0002, 32), 200, 1004, '5xx', 503, 1],
        [-1, hex(0xa0003, 32), 200, 5, '2xx', 200, 0],
      ]),
    )
    const [, rows] = book.traces.find(([traceId]) => traceId === hex(0xa0002, 32)) ?? ['', []]
    expect(rows.map(([, parent, resource]) => [parent, book.texts[book.resources[resource]?.[1] ?? -1]])).toEqual([
      [-1, ''],
      [0, 'service1-6ff559dd4f-m7z4k'],
      [1, 'service2-6659fc8b54-nk8qd'],
    ])
  })

  test('requests that a hook sent are known by their traffic and its time', () => {
    const script = new Script().start()
    const file = script.file('specs/a.chaos.ts')
    const [url, perSecond] = ['http://127.18.67.10/', 10]
    file.add({ type: 'traffic-started', traffic: 'users', url, perSecond })
    script.wait(2000)
    const summary = { planned: 20, completed: 20, failed: 0, dropped: 0, outcomes: {}, latencyMs: zeros }
    file.add({ type: 'traffic-ended', traffic: 'users', startedAt: startMs, summary })
    script.wait(10)
    file.hypothesis('a1', 'requests').enter('method').wait(5000).leave('method').held()
    const spans = [100, 1900, 2500].flatMap((at, number) => request({ number, at: startMs + at, latencyMs: 5 }))
    const { book } = reportOf(script.events, spans)
    expect(book.requests.map(([hypothesis, , at]) => [hypothesis, at / 1000])).toEqual(
      expect.arrayContaining([
        [0, 100],
        [0, 1900],
        [-1, 2500],
      ]),
    )
  })

  test('of too many, those of hypotheses and of failures are kept', () => {
    const first = span({ traceId: own, spanId: hex(1, 16), name: 'own', from: startMs, durationMs: 5000 })
    const requests = Array.from({ length: 4000 }, (_, number) =>
      request({ linkedTo: own, number, at: startMs + number, latencyMs: 1 + (number % 7) }),
    )
    const failed = request({
      linkedTo: own,
      number: 90_000,
      at: startMs,
      latencyMs: 1,
      outcome: 'refused',
      isFailed: true,
    })
    const { book, view } = reportOf(play().events, [...requests.flat(), ...failed, exported('chaos-test', [first])])
    expect(view.spans.total).toBe(12_004)
    expect(view.spans.kept).toBe(12_004)
    const many = Array.from({ length: 9000 }, (_, number) =>
      request({ linkedTo: own, number: number + 10_000, at: startMs + number, latencyMs: 1 }),
    )
    const cut = reportOf(play().events, [...many.flat(), ...failed, exported('chaos-test', [first])])
    expect(cut.view.spans).toEqual({ kept: 20_000 - ((20_000 - 4) % 3), total: 27_004 })
    expect(cut.book.traces[0]?.[0]).toBe(own)
    expect(cut.book.requests.filter(([, , , , , , isFailed]) => isFailed === 1)).toHaveLength(1)
    expect(book.requests).toHaveLength(4001)
  })

  test('whatever order and gaps an export has, each span stands after its parent, once', () => {
    const traceId = hex(7, 32)
    const at = { traceId, from: startMs, durationMs: 1 }
    const spans = [
      span({ ...at, spanId: hex(3, 16), parentSpanId: hex(2, 16), name: 'grandchild' }),
      span({ ...at, spanId: hex(2, 16), parentSpanId: hex(1, 16), name: 'child' }),
      span({ ...at, spanId: hex(9, 16), parentSpanId: hex(8, 16), name: 'lost its parent' }),
      span({ ...at, spanId: hex(1, 16), name: 'top' }),
    ]
    const { book } = reportOf(play().events, [exported('a', spans)])
    const [, rows] = book.traces[0] ?? ['', []]
    expect(rows.every(([, parent], index) => parent < index)).toBe(true)
    expect(new Set(rows.map(([, , , name]) => book.texts[name]))).toEqual(
      new Set(['top', 'child', 'grandchild', 'lost its parent']),
    )
  })

  test('what names or forms mark as secret is not shown', () => {
    const attributes = [
      attribute('http.request.header.authorization', 'Bearer abcdefghijkl'),
      attribute('url.full', 'http://me:pw@host/'),
    ]
    const secret = span({
      traceId: hex(7, 32),
      spanId: hex(1, 16),
      name: 'call',
      from: startMs,
      durationMs: 1,
      attributes,
    })
    const { book } = reportOf(play().events, [exported('a', [secret])])
    expect(JSON.stringify(book)).not.toMatch(/abcdefghijkl|me:pw/)
    expect(book.texts).toContain('[redacted]')
  })

  test('foreign exports may lack everything', () => {
    const bare = { scopeSpans: [{ spans: [{ traceId: hex(7, 32), spanId: hex(1, 16) }] }] }
    const { book } = reportOf(play().events, [{}, { scopeSpans: [{}] }, bare])
    expect(book.traces).toHaveLength(1)
  })
})
