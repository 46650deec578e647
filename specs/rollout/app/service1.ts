/**
 * service1 is what users call: it asks service2 for the next count and hands it on.
 *
 *     VERSION=v1 SERVICE2_SERVICE_HOST=127.0.0.1 SERVICE2_SERVICE_PORT=8001 node specs/rollout/app/service1.ts
 */
import { type AskedService, askJson } from './client.ts'
import { serve } from './server.ts'

/** How long service2 may take. Users of service1 see an error when it takes longer. */
const service2TimeoutMs = 1000

/** Where Kubernetes says that service2 is, in every pod that starts after the service was created. */
const service2: AskedService = {
  name: 'service2',
  host: process.env.SERVICE2_SERVICE_HOST ?? '127.0.0.1',
  port: Number(process.env.SERVICE2_SERVICE_PORT ?? 8001),
}

const version = process.env.VERSION ?? 'v1'

serve({
  name: 'service1',
  version,
  spanName: 'fetch-counter',
  answer: async ({ context, metrics }) => {
    const count = countOf(await askJson(service2, '/', { context, timeoutMs: service2TimeoutMs }))
    metrics.counted(count)
    return { svc: 'service1', version, timestamp: Date.now() / 1000, count }
  },
})

function countOf(answer: unknown): number {
  if (typeof answer === 'object' && answer !== null && 'last' in answer && typeof answer.last === 'number') {
    return answer.last
  }
  throw new Error('service2 answered without a count')
}
