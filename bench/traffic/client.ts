import { performance } from 'node:perf_hooks'
import { Client, type Dispatcher, Pool } from 'undici'
import { createTracing } from '../../src/tracing/provider.ts'
import type { Tracer } from '../../src/tracing/tracer.ts'
import { Load, type LoadModel } from '../../src/traffic/engine.ts'
import { Expectation } from '../../src/traffic/expectation.ts'
import type { Measured } from './measured.ts'

// One client of the bench, in a process of its own: `client.ts NAME URL SHARE`, with its share of the time. It sends until it is told to end, and says by
// IPC what it did since it was told to begin to count.

const connections = 50
const [name = '', url = '', share = '1'] = process.argv.slice(2)

/** Requests so far. */
let requests = 0
/** Ends a client that has something to check at its end. */
let finish: () => Promise<Partial<Measured>> = async () => ({})

const untraced: Pick<Tracer, 'startRequest'> = {
  startRequest: () => ({ traceId: '', spanId: '', headers: [], end: () => {}, keep: () => {} }),
}
/** As in a run. Who takes turns is stopped meanwhile: that fills no budget of a second, and makes no request slow. */
const traced = () => {
  const turns = { requestsPerSecond: 100 * Number(share), slowRequestMs: 60_000 }
  return createTracing({ serviceName: 'bench', onSpans: () => {}, ...(share === '1' ? {} : { exports: turns }) }).tracer
}

const clients: Record<string, () => void> = {
  undici: () => bare(Array.from({ length: connections }, () => new Client(url, { headersTimeout: 0, bodyTimeout: 0 }))),
  'undici-pool': () => bare([new Pool(url, { connections, headersTimeout: 0, bodyTimeout: 0 })]),
  'chaos-test': () => closedLoop(untraced),
  'chaos-test-traced': () => closedLoop(traced()),
  autocannon: () => void autocannon({}),
  'open-1000': () => openLoop(1000),
  'open-5000': () => openLoop(5000),
  'open-1000-new-connections': () => openLoop(1000, false),
  'autocannon-1000': () => void autocannon({ overallRate: 1000 }),
  'autocannon-5000': () => void autocannon({ overallRate: 5000 }),
}

const client = clients[name]
if (!client) throw new Error(`There is no client "${name}". There is: ${Object.keys(clients).join(', ')}.`)
client()
let begin = reading()
process.on('message', async (message) => {
  if (message === 'begin') begin = reading()
  if (message !== 'end') return
  const end = reading()
  const measured: Measured = {
    requests: end.requests - begin.requests,
    seconds: end.seconds - begin.seconds,
    cpuSeconds: end.cpuSeconds - begin.cpuSeconds,
    rssMegabytes: process.memoryUsage.rss() / 1024 ** 2,
  }
  const more = await finish()
  process.send?.({ ...measured, ...more }, () => process.exit(0))
})

function reading() {
  const { user, system } = process.cpuUsage()
  return { requests, seconds: performance.now() / 1000, cpuSeconds: (user + system) / 1e6 }
}

/** undici's `dispatch` with handlers that only count: what there is to reach. */
function bare(dispatchers: readonly Dispatcher[]): void {
  const message = { method: 'GET', path: '/', headers: [] } as const
  class Handler implements Dispatcher.DispatchHandler {
    readonly #dispatcher: Dispatcher
    constructor(dispatcher: Dispatcher) {
      this.#dispatcher = dispatcher
    }
    onRequestStart(): void {}
    onResponseStart(): void {}
    onResponseData(): void {}
    onResponseEnd(): void {
      requests += 1
      send(this.#dispatcher)
    }
    onResponseError(_: Dispatcher.DispatchController, error: Error): void {
      throw error
    }
  }
  const send = (dispatcher: Dispatcher) => dispatcher.dispatch(message, new Handler(dispatcher))
  for (let n = 0; n < connections; n += 1) send(dispatchers[n % dispatchers.length] as Dispatcher)
}

function closedLoop(tracer: Pick<Tracer, 'startRequest'>): void {
  start({ kind: 'closed', users: connections, thinkMs: 0 }, true, tracer)
}

function openLoop(perSecond: number, keepAlive = true): void {
  const segment = { fromPerSecond: perSecond, toPerSecond: perSecond, durationMs: Number.POSITIVE_INFINITY }
  const limits = { maxInFlight: 10_000, latenessBudgetMs: 60_000 }
  start({ kind: 'open', arrivals: { segments: [segment] }, ...limits }, keepAlive, traced())
}

/** All that a spec's users do: exact accounts, exemplars, seconds. */
function start(model: LoadModel, keepAlive: boolean, tracer: Pick<Tracer, 'startRequest'>): void {
  const stream = {
    ...{ name: 'users', weight: 1, url: new URL(url), pathPrefix: '', method: 'GET', headers: [], body: null },
    ...{
      expectation: new Expectation(),
      timeoutMs: 30_000,
      keepAlive,
      tls: {},
      podHeader: 'x-pod',
      throughProxy: false,
    },
  }
  const counting: Pick<Tracer, 'startRequest'> = {
    startRequest: (name, attributes) => {
      requests += 1
      return tracer.startRequest(name, attributes)
    },
  }
  const load = new Load({ model, streams: [stream] }, { tracer: counting, onSecond: () => {} })
  finish = async () => {
    const { planned, completed, latenessMs } = (await load.endAt(0)).summary
    return { unanswered: planned - completed, ...(latenessMs ? { latenessMs } : {}) }
  }
}

/** autocannon is no dependency: the bench installs it in a folder of its own. */
async function autocannon(options: object): Promise<void> {
  const { default: run } = await import(process.env.AUTOCANNON ?? 'autocannon')
  run({ url, connections, duration: 3600, ...options }).on('response', () => {
    requests += 1
  })
}
