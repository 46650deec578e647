import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { EventBody } from '../../src/journal/events.ts'
import { matchers } from '../../src/matchers/index.ts'
import { PrometheusClient } from '../../src/prometheus/client.ts'
import { prometheus } from '../../src/prometheus/index.ts'
import { singleValue } from '../../src/prometheus/single-value.ts'
import { defaultSafety } from '../../src/safety/index.ts'
import { openSession, type Session } from '../../src/session/session.ts'
import '../../src/spec/expect.ts'
import { missOf } from '../../src/spec/outcome.ts'
import { isChaosError } from '../../src/support/errors.ts'
import { createTracing } from '../../src/tracing/provider.ts'
import { traffic } from '../../src/traffic/index.ts'
import { type Exporter, freePort, isPrometheusInstalled, startExporter, startPrometheus, until } from './processes.ts'

// The ways in which a check on Prometheus passes although it should not: eight that anybody's query has, and the seven of
// the query that the rollout talk was shown with,
//
//     rate(svc_responses_total{name='service1',status_code='500',path='/'}[10s])
//
// each against a real Prometheus that scrapes real processes, with the verdict that it must have.

expect.extend(matchers)

const slowIntervalMs = 2000
const ending: (() => Promise<void>)[] = []
const events: EventBody[] = []
const tracing = createTracing({ serviceName: 'test' })

let url: string
let client: PrometheusClient
let session: Session
let pods: { steady: Exporter; other: Exporter; old: Exporter; slow: Exporter; pushed: Exporter }
let rolledOut: (ports: number[]) => void

const responses = (labels = {}) => prometheus.counter('responses_total', { job: 'pods', ...labels })
const at = ({ port }: Exporter) => ({ instance: `127.0.0.1:${port}` })

/** What a number of a query would be, to whoever asked in that way. */
const naive = (promql: string, when: number) => singleValue(client, promql, when)
const found = async (promql: string, when: number) => {
  const result = await client.query(promql, when)
  return result.type === 'vector' ? result.values.map(({ value }) => value) : result
}

/** What an experiment comes to that does this: `held`, or its verdict with the code, or with the first line that it says. */
async function verdictOf(work: () => unknown): Promise<string> {
  try {
    await work()
    return 'held'
  } catch (error) {
    const { verdict } = missOf('method', error)
    return `${verdict}: ${isChaosError(error) ? error.code : String((error as Error).message).split('\n')[0]}`
  }
}

/** That process was scraped so often since then. */
async function scraped(exporter: Exporter, since: number, times = 1): Promise<void> {
  await until(`${exporter.port} was scraped ${times} times`, async () => {
    const [up] = await client.samples(`up{instance="127.0.0.1:${exporter.port}"}`, since, Date.now())
    return (up?.samples.filter(({ value }) => value === 1).length ?? 0) >= times
  })
}

/** A window in which something happens to the steady pod, and long enough for any machine. */
async function windowOf(method: () => Promise<unknown>) {
  const startedAt = Date.now()
  await method()
  await scraped(pods.steady, Date.now(), 5)
  return { startedAt, endedAt: Date.now() }
}

describe.skipIf(!isPrometheusInstalled)(
  'does not pass by accident (skipped where `prometheus` is not installed)',
  () => {
    beforeAll(async () => {
      const start = async (options = {}) => {
        const exporter = await startExporter(await freePort(), options)
        ending.push(exporter.kill)
        await exporter.count(200, 100)
        return exporter
      }
      const [steady, other, old, slow] = await Promise.all([start(), start(), start(), start()])
      const pushed = await start({ timestamps: true })
      pods = { steady, other, old, slow, pushed }
      const targets = (exporter: Exporter) => [{ targets: [`127.0.0.1:${exporter.port}`] }]
      const interval = `${slowIntervalMs}ms`
      const real = await startPrometheus({
        ports: [steady.port, other.port],
        jobs: [
          { job_name: 'rollout', file_sd_configs: [{ files: ['rollout.json'] }] },
          { job_name: 'slow', scrape_interval: interval, scrape_timeout: interval, static_configs: targets(slow) },
          { job_name: 'timestamps', static_configs: targets(pushed) },
        ],
      })
      ending.push(real.stop)
      rolledOut = (ports) => {
        const path = join(real.folder, 'rollout.json')
        writeFileSync(`${path}.tmp`, JSON.stringify([{ targets: ports.map((port) => `127.0.0.1:${port}`) }]))
        renameSync(`${path}.tmp`, path)
      }
      rolledOut([old.port])
      url = real.url
      client = new PrometheusClient(url)
      session = {
        target: { kind: 'kubernetes', name: 'shop', kubeconfig: '', context: 'shop', namespace: 'default' },
        safety: { ...defaultSafety, namespaces: ['*'] },
        prometheusUrl: url,
        record: (event) => events.push(event),
        perform: (_undo, _description, action) => action(),
        tracer: tracing.tracer,
        signal: () => new AbortController().signal,
        until: (_signal, work) => work(),
        atEnd: () => undefined,
        guardMethods: () => () => undefined,
      }
      openSession(session)
      await Promise.all([steady, other, old, pushed].map((exporter) => scraped(exporter, 0, 5)))
      await scraped(slow, 0, 2)
    })

    beforeEach(() => {
      events.length = 0
      openSession(session)
    })

    afterAll(async () => {
      await tracing.shutdown()
      for (const end of ending.reverse()) await end()
    })

    it('A. errors whose series is born with them: rate and increase say 0', async () => {
      const window = await windowOf(async () => {
        await pods.steady.count(200, 3000)
        await pods.steady.count(500, 37)
      })
      const range = `${window.endedAt - window.startedAt}ms`
      expect(await naive(`sum(increase(responses_total{job="pods",code="500"}[${range}]))`, window.endedAt)).toBe(0)

      const rate = await responses().during(window).errorRate({ code: /^5/ })
      expect(rate).toMatchObject({ numerator: 37, denominator: 3037 })
      expect(await verdictOf(() => expect(rate).toBeBelow('1%'))).toBe(
        'deviated: expected a share below 1 %, and it was 37 of 3037 (1.22 %)',
      )
    })

    it('B. asked right after the method, before the next scrape', async () => {
      await scraped(pods.slow, 0, 4)
      const [up] = await client.samples('up{job="slow"}', Date.now() - 60_000, Date.now())
      const startedAt = (up?.samples[0]?.at ?? 0) + 1000
      await pods.slow.count(200, 90)
      await pods.slow.count(503, 10)
      const asked = prometheus.counter('responses_total', { job: 'slow' }).during({ startedAt, endedAt: Date.now() })
      expect(await verdictOf(async () => expect(await asked.errorRate({ code: /^5/ })).toBeBelow('5%'))).toBe(
        'deviated: expected a share below 5 %, and it was 10 of 100 (10 %)',
      )
    })

    it('C. a rollout: the old pod goes with its counts, the new one is born with its own', async () => {
      const rollout = prometheus.counter('responses_total', { job: 'rollout' })
      const startedAt = Date.now()
      await pods.old.count(200, 40)
      await scraped(pods.old, Date.now(), 2)
      const next = await startExporter(await freePort())
      ending.push(next.kill)
      await next.count(200, 57)
      await next.count(500, 3)
      await pods.old.kill()
      rolledOut([next.port])
      await until(
        'the old one is gone',
        async () => (await client.valuesAt('up{job="rollout"}', Date.now())).length === 1,
      )
      await scraped(next, Date.now(), 2)
      const window = { startedAt, endedAt: Date.now(), counts: { completed: 99, failed: 4 } }
      const range = `${window.endedAt - startedAt}ms`
      expect(await naive(`sum(increase(responses_total{job="rollout"}[${range}]))`, window.endedAt)).toBeLessThan(60)

      const rate = await rollout.during(window).errorRate({ code: /^5/ })
      expect(rate).toMatchObject({ numerator: 3, denominator: 100 })
      expect(rate.unseen).toMatchObject({
        targets: [{ name: at(pods.old).instance }],
        requestsAtMost: 3,
        errorsAtMost: 1,
      })
      expect(await verdictOf(() => expect(rate).toBeBelow('1%'))).toMatch(/^deviated: .*3 of 100/)
    })

    it('D. no traffic: a share of nothing is neither below nor above, and a filter finds nothing', async () => {
      const window = await windowOf(async () => {})
      const range = `${window.endedAt - window.startedAt}ms`
      const share = `sum(rate(responses_total{code="200"}[${range}])) / sum(rate(responses_total{code="200"}[${range}]))`
      expect(await found(share, window.endedAt)).toEqual([Number.NaN])
      expect(await found(`${share} > 0.01`, window.endedAt)).toEqual([])

      const asked = () => responses().during(window).errorRate({ code: /^5/ })
      expect(await verdictOf(asked)).toBe('inconclusive: CHAOS_PROMETHEUS_NOTHING_COUNTED')
    })

    it('D2. a label that is mistyped: empty, or 0 for ever with "or vector(0)"', async () => {
      const window = await windowOf(() => pods.steady.count(200, 100))
      expect(await naive('sum(rate(responses_total{status="500"}[10s])) or vector(0)', window.endedAt)).toBe(0)

      const asked = () => responses().during(window).errorRate({ status: /^5/ })
      expect(await verdictOf(asked)).toBe('inconclusive: CHAOS_PROMETHEUS_NO_LABEL')
      const mistyped = () => responses({ paht: '/' }).during(window, { within: 0 }).errorRate({ code: /^5/ })
      expect(await verdictOf(mistyped)).toBe('inconclusive: CHAOS_PROMETHEUS_NO_DATA')
    })

    it('E. a window that is shorter than two scrapes', async () => {
      const endedAt = Date.now() - 500
      const window = { startedAt: endedAt - 1.5 * slowIntervalMs, endedAt }
      expect(await found(`rate(responses_total{job="slow"}[${slowIntervalMs / 2}ms])`, endedAt)).toEqual([])

      const asked = () =>
        prometheus.counter('responses_total', { job: 'slow' }).during(window).errorRate({ code: /^5/ })
      expect(await verdictOf(asked)).toBe('inconclusive: CHAOS_PROMETHEUS_SHORT_WINDOW')
    })

    it('F. no stale marker: a dead process is still answered for, with its last value', async () => {
      const startedAt = Date.now()
      await pods.pushed.count(200, 100)
      await scraped(pods.pushed, Date.now(), 2)
      await pods.pushed.kill()
      await until('it is down', async () => (await naive('up{job="timestamps"}', Date.now())) === 0)
      const endedAt = Date.now()
      expect(await naive('responses_total{job="timestamps"}', endedAt)).toBe(200)

      const asked = prometheus
        .counter('responses_total', { job: 'timestamps' })
        .during({ startedAt, endedAt }, { within: '500ms' })
      expect(await verdictOf(() => asked.errorRate({ code: /^5/ }))).toBe('inconclusive: CHAOS_PROMETHEUS_NOT_COVERED')
      await expect(asked.increase()).rejects.toThrow(/down, last read .* before the end: .*refused/)
    })

    it('G. extrapolation: one error is more than one, or less', async () => {
      await pods.steady.count(504, 1)
      await scraped(pods.steady, Date.now(), 2)
      const window = await windowOf(async () => {
        await pods.steady.count(504, 1)
        await pods.steady.count(200, 99)
      })
      const range = `${window.endedAt - window.startedAt}ms`
      const extrapolated = await naive(
        `sum(increase(responses_total{job="pods",code="504"}[${range}]))`,
        window.endedAt,
      )
      expect(extrapolated).not.toBe(1)

      const rate = await responses().during(window).errorRate({ code: '504' })
      expect(rate).toMatchObject({ numerator: 1, denominator: 100 })
      expect(await verdictOf(() => expect(rate).toBeBelow('1.1%'))).toBe('held')
      expect(await verdictOf(() => expect(rate).toBeBelow('1%'))).toMatch(/^deviated/)
    })

    it('the talk, 1. one value for each pod, of which the first is read', async () => {
      const now = Date.now()
      expect(await found('rate(responses_total{job="pods",code="200",path="/"}[10s])', now)).toHaveLength(2)
      const asked = () => prometheus.query('rate(responses_total{job="pods",code="200",path="/"}[10s])', { at: now })
      expect(await verdictOf(asked)).toBe('inconclusive: CHAOS_PROMETHEUS_SEVERAL_SERIES')
    })

    it('the talk, 2. a rate, which grows with the load, where a share does not', async () => {
      const share = async (load: number) => {
        const window = await windowOf(async () => {
          await pods.steady.count(200, 90 * load)
          await pods.steady.count(502, 10 * load)
        })
        return await responses(at(pods.steady)).during(window).errorRate({ code: '502' })
      }
      const [light, heavy] = [await share(1), await share(10)]
      expect([light.numerator, heavy.numerator]).toEqual([10, 100])
      for (const rate of [light, heavy]) {
        expect(await verdictOf(() => expect(rate).toBeBelow('15%'))).toBe('held')
        expect(await verdictOf(() => expect(rate).toBeBelow('10%'))).toMatch(/^deviated/)
      }
    })

    it('the talk, 3. the first errors of a process that was killed, started again, and begins at 0', async () => {
      const window = await windowOf(async () => {
        await pods.other.count(200, 50)
        await scraped(pods.other, Date.now(), 2)
        await pods.other.kill()
        pods.other = await startExporter(pods.other.port)
        ending.push(pods.other.kill)
        await pods.other.count(200, 40)
        await pods.other.count(500, 10)
        await scraped(pods.other, Date.now(), 2)
      })
      const rate = await responses(at(pods.other)).during(window).errorRate({ code: /^5/ })
      expect(rate).toMatchObject({ numerator: 10, denominator: 100 })
      expect(rate.series.map(({ resets }) => resets)).toContain(1)
      expect(await verdictOf(() => expect(rate).toBeBelow('1%'))).toMatch(/^deviated/)
    })

    it('the talk, 4. nothing is found when all is well, and so nothing when Prometheus is dead', async () => {
      const window = await windowOf(() => pods.steady.count(200, 200, '/well'))
      const well = responses({ path: '/well' })
      expect(await found('rate(responses_total{code="500",path="/well"}[10s])', window.endedAt)).toEqual([])
      const asked = async () => expect(await well.during(window).errorRate({ code: /^5/ })).toBeBelow('1%')
      expect(await verdictOf(asked)).toBe('held')

      openSession({ ...session, prometheusUrl: 'http://127.0.0.1:1' })
      expect(await verdictOf(asked)).toBe('inconclusive: CHAOS_PROMETHEUS_UNREACHABLE')
    })

    it('the talk, 5. only the last seconds, and the errors were before', async () => {
      const window = await windowOf(async () => {
        await pods.steady.count(200, 90)
        await pods.steady.count(507, 10)
        await scraped(pods.steady, Date.now(), 10)
      })
      expect(await naive('sum(increase(responses_total{code="507"}[600ms])) or vector(0)', window.endedAt)).toBe(0)

      const rate = await responses().during(window).errorRate({ code: '507' })
      expect(await verdictOf(() => expect(rate).toBeBelow('5%'))).toMatch(/^deviated: .*10 of 100/)
      const course = await prometheus.query('sum(responses_total{code="507"}) or vector(0)', {
        at: window,
        every: '200ms',
      })
      expect(await verdictOf(() => expect(course).toStayBelow(10))).toMatch(/^deviated: expected it to stay below 10/)
    })

    it('the talk, 6. other codes and paths, and connections that no server counts', async () => {
      await pods.steady.answerWith(503)
      const users = traffic({ url: `http://127.0.0.1:${pods.steady.port}/answer`, rate: '50/s' })
      const observed = await users.for('2s')
      await pods.steady.answerWith(200)
      expect(await found('rate(responses_total{code="500",path="/"}[10s]) > 0', observed.endedAt)).toEqual([])
      const answers = responses({ path: '/answer' })
      const rate = await answers.during(observed).errorRate({ code: /^5/ })
      expect(rate).toMatchObject({ numerator: observed.errors, denominator: observed.sent })
      expect(await verdictOf(() => expect(rate).toBeBelow('1%'))).toMatch(/^deviated/)
      expect(prometheus.reconcile(observed, rate)).toMatchObject({ lost: 0, unseen: 0 })

      const nobody = traffic({ url: `http://127.0.0.1:${await freePort()}/answer`, rate: '50/s' })
      const served = users.for('3s')
      const refused = await nobody.for('3s')
      const counted = await answers.during(await served).errorRate({ code: /^5/ })
      expect(await verdictOf(() => expect(counted).toHaveNoErrors())).toBe('held')
      expect(await verdictOf(() => expect(refused).toHaveErrorRateBelow('1%'))).toMatch(/^deviated/)
      prometheus.reconcile({ ...counted.window, counts: refused.counts }, counted)
      expect(events.filter(({ type }) => type === 'finding')).toMatchObject([
        { title: `users lost ${refused.errors} requests that no server counted as an error` },
      ])
    })

    it('the talk, 7. evaluated now: what a process counted between its last scrape and its death is never seen', async () => {
      const next = await startExporter(await freePort())
      ending.push(next.kill)
      await next.count(200, 100)
      rolledOut([next.port])
      await scraped(next, 0, 5)
      const startedAt = Date.now()
      const users = traffic({ url: `http://127.0.0.1:${next.port}/answer`, rate: '100/s' })
      const observed = await users.during(async () => {
        await scraped(next, Date.now(), 5)
        await next.hide()
        await next.answerWith(500)
        await next.kill()
        rolledOut([])
        await until('it is gone', async () => (await client.valuesAt('up{job="rollout"}', Date.now())).length === 0)
      })
      expect(
        await naive('sum(increase(responses_total{job="rollout",code="500"}[10s])) or vector(0)', Date.now()),
      ).toBe(0)

      const window = { ...observed, startedAt, endedAt: observed.endedAt, counts: observed.counts }
      const rate = await prometheus
        .counter('responses_total', { job: 'rollout', path: '/answer' })
        .during(window)
        .errorRate({ code: /^5/ })
      const { requestsAtMost = 0, errorsAtMost = 0 } = rate.unseen ?? {}
      expect(requestsAtMost).toBe(observed.sent - rate.denominator)
      expect(errorsAtMost).toBeGreaterThanOrEqual(observed.errors - rate.numerator)
      expect(await verdictOf(() => expect(observed).toHaveErrorRateBelow('1%'))).toMatch(/^deviated/)
      expect(prometheus.reconcile(window, rate).lost).toBe(observed.errors - rate.numerator)
      expect(events.at(-1)).toMatchObject({ type: 'finding', title: expect.stringContaining('no server counted') })
    })
  },
)
