import { randomBytes } from 'node:crypto'
import type { SpanAttributes, Tracer } from '../../src/tracing/tracer.ts'
import { Load, type LoadPlan, type LoadResult } from '../../src/traffic/engine.ts'

/** Users with sensible settings: patient enough for a busy machine, quick enough for a test. */
export function planFor(url: URL, plan: Partial<LoadPlan> = {}): LoadPlan {
  return {
    name: 'users',
    url,
    perSecond: 200,
    method: 'GET',
    headers: [],
    body: null,
    timeoutMs: 1500,
    keepAlive: false,
    maxInFlight: 1000,
    latenessBudgetMs: 10_000,
    isExpected: (status) => status < 400,
    ...plan,
  }
}

/** Lets the plan send that many requests. */
export function send(
  requests: number,
  plan: LoadPlan,
  tracer: RequestTracer = new RequestTracer(),
): Promise<LoadResult> {
  return new Load(plan, { tracer, onSecond: () => {} }).endAt((requests * 1000) / plan.perSecond)
}

/** Gives each request an id in its headers, and keeps how each span ended. */
export class RequestTracer implements Pick<Tracer, 'startRequest'> {
  readonly ended: { traceId: string; error: string | undefined; attributes: SpanAttributes }[] = []

  startRequest(): ReturnType<Tracer['startRequest']> {
    const traceId = randomBytes(16).toString('hex')
    const spanId = randomBytes(8).toString('hex')
    return {
      traceId,
      spanId,
      headers: ['traceparent', `00-${traceId}-${spanId}-01`],
      end: ({ attributes = {}, error }) => this.ended.push({ traceId, error, attributes }),
    }
  }
}
