import { createTracing } from '../../src/tracing/provider.ts'
import { Load } from '../../src/traffic/engine.ts'
import { Expectation } from '../../src/traffic/expectation.ts'

// A million requests in a closed loop, with traces: `node --expose-gc million.ts URL`. It prints what was on the heap.

const limit = 1_000_000
const stream = {
  ...{ name: 'users', weight: 1, url: new URL(process.argv[2] ?? ''), pathPrefix: '', method: 'GET', headers: [] },
  ...{ body: null, expectation: new Expectation(), timeoutMs: 30_000, keepAlive: true, tls: {}, podHeader: 'x-pod' },
  throughProxy: false,
}
const { tracer } = createTracing({ serviceName: 'bench', onSpans: () => {} })
const enough = Promise.withResolvers<void>()
let requests = 0
let earlyMegabytes = 0

const counting: Pick<typeof tracer, 'startRequest'> = {
  startRequest: (name, attributes) => {
    requests += 1
    if (requests === limit / 10) earlyMegabytes = heap()
    if (requests === limit) enough.resolve()
    return tracer.startRequest(name, attributes)
  },
}
const model = { kind: 'closed', users: 50, thinkMs: 0 } as const
const load = new Load({ model, streams: [stream] }, { tracer: counting, onSecond: () => {} })
await enough.promise
const lateMegabytes = heap()
const { summary } = await load.endAt(0)
if (summary.completed !== summary.planned) throw new Error(JSON.stringify(summary))
console.log(JSON.stringify({ requests: summary.completed, earlyMegabytes, lateMegabytes }))
process.exit(0)

function heap(): number {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed / 1024 ** 2
}
