import { spawnSync } from 'node:child_process'
import { alone, contest } from './traffic/contest.ts'
import type { Measured } from './traffic/measured.ts'
import { hasProgram, installed, startNginx } from './traffic/server.ts'

interface Figure {
  name: string
  value: number
  unit: string
}

const rounds = 100

/**
 * What the load engine costs, beside bare undici, autocannon, wrk and hey: 50 connections on one core, nginx on another.
 * Rates are per second of the client's own CPU time, so that a machine with other work to do measures the same.
 */
export async function* measure(): AsyncIterable<Figure> {
  const nginx = await startNginx()
  const autocannon = installed('autocannon')
  if (autocannon) process.env.AUTOCANNON = autocannon.path
  try {
    yield* closedLoop(nginx.url, autocannon !== undefined)
    yield* openLoop(nginx.url, autocannon !== undefined)
    yield* million(nginx.url)
  } finally {
    autocannon?.remove()
    nginx.stop()
  }
}

async function* closedLoop(url: string, withAutocannon: boolean): AsyncIterable<Figure> {
  const others = withAutocannon ? ['autocannon'] : []
  const names = ['undici', 'undici-pool', 'chaos-test', 'chaos-test-traced', ...others]
  const results = await contest(names, url, rounds)
  const rates = new Map([...results].map(([name, measured]) => [name, rateOf(measured)]))
  for (const program of ['wrk', 'hey'].filter(hasProgram)) rates.set(program, rateOfProgram(program, url))
  for (const [name, rate] of rates) yield { name: `closed-${name}`, value: rate, unit: 'requests/cpu-s' }

  const [own = Number.NaN, traced = Number.NaN] = [rates.get('chaos-test'), rates.get('chaos-test-traced')]
  for (const [name, rate] of rates) {
    if (name.startsWith('chaos-test')) continue
    yield { name: `ratio-vs-${name}`, value: own / rate, unit: '×' }
    yield { name: `ratio-traced-vs-${name}`, value: traced / rate, unit: '×' }
  }
  const undici = rates.get('undici') ?? Number.NaN
  yield { name: 'cost-accounting', value: 1e6 / own - 1e6 / undici, unit: 'µs/request' }
  yield { name: 'cost-tracing', value: 1e6 / traced - 1e6 / own, unit: 'µs/request' }
}

async function* openLoop(url: string, withAutocannon: boolean): AsyncIterable<Figure> {
  for (const name of ['open-1000', 'open-5000', 'open-1000-new-connections']) {
    const measured = await alone(name, url, 5)
    yield { name: `${name}-rate`, value: measured.requests / measured.seconds, unit: 'requests/s' }
    yield { name: `${name}-unanswered`, value: measured.unanswered ?? Number.NaN, unit: 'requests' }
    yield { name: `${name}-lateness-p50`, value: measured.latenessMs?.p50 ?? Number.NaN, unit: 'ms' }
    yield { name: `${name}-lateness-p99`, value: measured.latenessMs?.p99 ?? Number.NaN, unit: 'ms' }
    yield* costsOf(name, measured)
  }
  if (!withAutocannon) return
  for (const name of ['autocannon-1000', 'autocannon-5000']) yield* costsOf(name, await alone(name, url, 5))
}

function* costsOf(name: string, measured: Measured): Iterable<Figure> {
  yield { name: `${name}-cpu`, value: (100 * measured.cpuSeconds) / measured.seconds, unit: '% of a core' }
  yield { name: `${name}-memory`, value: measured.rssMegabytes, unit: 'MB' }
}

/** A million requests: what is on the heap after the first hundred thousand is all that there will be. */
async function* million(url: string): AsyncIterable<Figure> {
  const program = ['--expose-gc', new URL('traffic/million.ts', import.meta.url).pathname, url]
  const { stdout } = spawnSync('taskset', ['-c', '0', process.execPath, ...program], { encoding: 'utf8' })
  const { requests, earlyMegabytes, lateMegabytes } = JSON.parse(stdout)
  yield { name: 'million-requests', value: requests, unit: 'requests' }
  yield { name: 'million-heap-at-100k', value: earlyMegabytes, unit: 'MB' }
  yield { name: 'million-heap-at-1m', value: lateMegabytes, unit: 'MB' }
}

function rateOf({ requests, cpuSeconds }: Measured): number {
  return requests / cpuSeconds
}

/** wrk and hey say how many requests they made, and bash what time of a core they took. */
function rateOfProgram(program: string, url: string): number {
  const args = { wrk: ['-t1', '-c50', '-d5', url], hey: ['-c', '50', '-z', '5s', '-cpus', '1', url] }[program] ?? []
  const script = 'TIMEFORMAT="cpu %U %S"; time "$@"'
  const { stdout, stderr } = spawnSync('bash', ['-c', script, 'bash', 'taskset', '-c', '0', program, ...args], {
    encoding: 'utf8',
  })
  const [, user, system] = /cpu ([\d.]+) ([\d.]+)/.exec(stderr) ?? []
  const [, wrkRequests] = /(\d+) requests in/.exec(stdout) ?? []
  const [, heyRequests] = /\[200\]\s+(\d+) responses/.exec(stdout) ?? []
  return Number(wrkRequests ?? heyRequests) / (Number(user) + Number(system))
}
