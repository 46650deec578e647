import { request } from 'undici'
import { expect, onTestFinished, test } from 'vitest'
import { MetricsReporter } from '../../reporters/metrics.ts'
import type { EventBody } from '../../src/journal/events.ts'
import type { Outcome } from '../../src/traffic/outcomes.ts'
import { addFileSpec } from '../support/file-specs.ts'
import { Project } from '../support/project.ts'
import { freePort } from '../traffic/loopback.ts'

/** Every outcome that the load engine knows: one that is new must be published from 0 on, too. */
const outcomes: Record<Outcome, true> = {
  '2xx': true,
  '3xx': true,
  '4xx': true,
  '5xx': true,
  refused: true,
  unreachable: true,
  reset: true,
  'timeout-connect': true,
  'timeout-wait': true,
  'timeout-read': true,
  dns: true,
  tls: true,
  'invalid-response': true,
  'unexpected-body': true,
  'via-proxy': true,
  aborted: true,
  dropped: true,
}

const started: EventBody = { type: 'traffic-started', traffic: 'users', url: 'http://a/', perSecond: 10 }
const method: EventBody = { type: 'phase-started', phase: 'method' }

async function served(lingerMs = 0) {
  const port = await freePort()
  const reporter = await MetricsReporter.listen({ host: '127.0.0.1', port, lingerMs })
  onTestFinished(() => reporter.close())
  return {
    port,
    reporter,
    tell: (...events: EventBody[]) => {
      for (const event of events) reporter.onEvent({ ...event, at: 0, file: 'a.chaos.ts', hypothesis: 'h' })
    },
    scrape: () => scrape(port),
  }
}

async function scrape(port: number): Promise<string> {
  const { body } = await request(`http://127.0.0.1:${port}/metrics`)
  return await body.text()
}

test('every outcome of users is there at 0 before the first request has ended', async () => {
  const { tell, scrape } = await served()
  tell(method, started)
  const text = await scrape()
  for (const outcome of Object.keys(outcomes)) {
    expect(text).toContain(
      `chaos_test_requests_total{traffic="users",file="a.chaos.ts",phase="method",outcome="${outcome}"} 0\n`,
    )
  }
})

test('counts add up, phase by phase', async () => {
  const { tell, scrape } = await served()
  const second = (ok: number, refused: number): EventBody => ({
    type: 'traffic-progress',
    traffic: 'users',
    outcomes: { '2xx': ok, refused },
  })
  tell(method, started, second(9, 1), second(8, 2))
  tell({ type: 'phase-ended', phase: 'method' }, { type: 'phase-started', phase: 'after' }, second(10, 0))
  const text = await scrape()
  expect(text).toContain('phase="method",outcome="2xx"} 17\n')
  expect(text).toContain('phase="method",outcome="refused"} 3\n')
  expect(text).toContain('phase="after",outcome="2xx"} 10\n')
})

test('an address that is taken is a mistake of the config', async () => {
  const { port } = await served()
  const again = MetricsReporter.listen({ host: '127.0.0.1', port, lingerMs: 0 })
  await expect(again).rejects.toMatchObject({ code: 'CHAOS_METRICS_ADDRESS', verdict: 'usage' })
})

test('a run that was scraped ends when it was scraped once more, and has all of its counts then', async () => {
  const port = await freePort()
  const project = new Project({
    'chaos.config.ts': `export default { metrics: { port: ${port}, linger: '60s' } }`,
    'a.chaos.ts': `
      import { createServer } from 'node:http'
      import { once } from 'node:events'
      import { beforeAll, expect, hypothesis, traffic } from 'chaos-test'
      let users
      beforeAll(async () => {
        const server = createServer((_, response) => response.end()).listen(0, '127.0.0.1').unref()
        await once(server, 'listening')
        users = traffic({ name: 'users', url: 'http://127.0.0.1:' + server.address().port + '/', rate: '50/s' })
      })
      hypothesis('all is well', async () => expect(await users.for('1s')).toHaveNoErrors())`,
  })
  const command = project.start([])
  let last = ''
  const over = { yet: false }
  void command.ended.then(() => {
    over.yet = true
  })
  while (!over.yet) {
    last = (await scrape(port).catch(() => '')) || last
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  expect(await command.ended).toMatchObject({ exitCode: 0 })
  expect(last).toContain('file="a.chaos.ts",phase="method",outcome="2xx"} 50\n')
})

test('what the run does is counted, too', async () => {
  const { tell, scrape } = await served()
  const owe = (action: string): EventBody => ({
    type: 'action-started',
    action,
    title: action,
    undo: `${action} undone`,
  })
  tell({ type: 'hypothesis-started', title: 'it holds', expected: 'held', traceId: 't' }, method, owe('a'), owe('b'))
  tell({ type: 'action-ended', action: 'a' }, { type: 'action-ended', action: 'b', error: { message: 'broken' } })
  tell({
    type: 'traffic-progress',
    traffic: 'users',
    outcomes: { '2xx': 1 },
    latencyMs: { p50: 5, p90: 9, p99: 50, max: 60 },
  })
  const during = await scrape()
  expect(during).toContain('chaos_test_hypotheses_in_phase{phase="method"} 1\n')
  expect(during).toContain('chaos_test_owed_undos 2\n')
  expect(during).toContain('chaos_test_actions_total{outcome="failed"} 1\n')
  expect(during).toContain(
    'chaos_test_request_latency_seconds{traffic="users",file="a.chaos.ts",quantile="0.99"} 0.05\n',
  )
  expect(during).toContain('chaos_test_hypotheses_total{verdict="held"} 0\n')

  tell({ type: 'undo-ended', action: 'a', title: 'a undone', status: 'undone', by: 'worker', startedAt: 0 })
  tell({ type: 'hypothesis-ended', verdict: 'deviated', deviated: true })
  const after = await scrape()
  expect(after).toContain('chaos_test_owed_undos 1\n')
  expect(after).toContain('chaos_test_undos_total{status="undone",by="worker"} 1\n')
  expect(after).toContain('chaos_test_hypotheses_total{verdict="deviated"} 1\n')
  expect(after).toContain('chaos_test_hypotheses_in_phase{phase="method"} 0\n')
})

test('--metrics-port serves them while a run goes on', async () => {
  const project = new Project()
  addFileSpec(
    project,
    'a.chaos.ts',
    `hypothesis('it holds', async () => { reached('here'); while (!existsSync('go')) await new Promise((r) => setTimeout(r, 20)) })`,
  )
  const port = await freePort()
  const command = project.start(['--metrics-port', String(port)])
  await expect.poll(() => project.list('.'), { timeout: 120_000 }).toContain('here')
  await expect.poll(() => scrape(port)).toContain('chaos_test_hypotheses_in_phase{phase="method"} 1\n')
  project.write({ go: '' })
  // A run that was scraped waits for a last scrape.
  await expect
    .poll(() => scrape(port), { timeout: 10_000 })
    .toContain('chaos_test_hypotheses_total{verdict="held"} 1\n')
  expect(await command.ended).toMatchObject({ exitCode: 0 })
  expect(await project.run(['--metrics-port', 'none'])).toMatchObject({ exitCode: 2 })
}, 180_000)
