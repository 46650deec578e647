import { randomBytes } from 'node:crypto'
import type { SpanAttributes, Tracer } from '../../src/tracing/tracer.ts'
import { Load, type LoadPlan, type LoadResult, type LoadSurroundings } from '../../src/traffic/engine.ts'
import { Expectation } from '../../src/traffic/expectation.ts'
import type { Books, EndedRequest } from '../../src/traffic/ledger.ts'
import type { StreamPlan } from '../../src/traffic/user-stream.ts'

/** One stream with sensible settings: patient enough for a busy machine, quick enough for a test. */
export function streamFor(url: URL, stream: Partial<StreamPlan> = {}): StreamPlan {
  return {
    name: 'users',
    weight: 1,
    url,
    pathPrefix: '',
    method: 'GET',
    headers: [],
    body: null,
    expectation: new Expectation(),
    timeoutMs: 3000,
    keepAlive: false,
    tls: {},
    podHeader: 'x-pod',
    throughProxy: false,
    ...stream,
  }
}

/** Users who are not in a hurry, on a machine with much else to do: exact counts need them. */
export const patient = { latenessBudget: '5m', timeout: '1m' } as const

/** What most tests vary. */
export interface OpenLoop extends Partial<StreamPlan> {
  perSecond?: number
  maxInFlight?: number
}

/** Users who come so many in a second, whatever comes back. */
export function planFor(url: URL, { perSecond = 200, maxInFlight = 1000, ...stream }: OpenLoop = {}): LoadPlan {
  const constant = { fromPerSecond: perSecond, toPerSecond: perSecond, durationMs: Number.POSITIVE_INFINITY }
  return {
    model: { kind: 'open', arrivals: { segments: [constant] }, maxInFlight, latenessBudgetMs: 10_000 },
    streams: [streamFor(url, stream)],
  }
}

/** Users who each wait for the answer before the next request. */
export function closedPlanFor(url: URL, users: number, stream: Partial<StreamPlan> = {}, thinkMs = 0): LoadPlan {
  return { model: { kind: 'closed', users, thinkMs }, streams: [streamFor(url, stream)] }
}

export function startLoad(plan: LoadPlan, surroundings: Partial<LoadSurroundings> = {}): Load {
  return new Load(plan, { tracer: new RequestTracer(), onSecond: () => {}, ...surroundings })
}

/** Lets the open loop of a constant rate send that many requests. */
export function send(requests: number, plan: LoadPlan, tracer = new RequestTracer()): Promise<LoadResult> {
  const perSecond = plan.model.kind === 'open' ? (plan.model.arrivals.segments[0]?.fromPerSecond ?? 1) : 1
  return startLoad({ ...plan, endMs: (requests * 1000) / perSecond }, { tracer }).finished
}

/** The span of a request that was not sent. */
export function spanOf(traceId: string): EndedRequest['span'] {
  return { traceId, keep: () => {} }
}

/** Gives each request an id in its headers, and keeps how each span ended. */
export class RequestTracer implements Pick<Tracer, 'startRequest'> {
  readonly ended: { traceId: string; error: string | undefined; attributes: SpanAttributes }[] = []

  /** The traces that were asked for. */
  readonly kept: string[] = []

  /** How many requests were under way at the same time, at the most. */
  mostUnderWay = 0
  #started = 0

  startRequest(): ReturnType<Tracer['startRequest']> {
    this.#started += 1
    this.mostUnderWay = Math.max(this.mostUnderWay, this.#started - this.ended.length)
    const traceId = randomBytes(16).toString('hex')
    const spanId = randomBytes(8).toString('hex')
    return {
      traceId,
      spanId,
      headers: ['traceparent', `00-${traceId}-${spanId}-01`],
      end: ({ attributes = {}, error }) => this.ended.push({ traceId, error, attributes }),
      keep: () => this.kept.push(traceId),
    }
  }
}

/** What is amiss in books: each planned request is in exactly one count, and each count is in exactly one second. */
export function imbalanceOf({ summary, seconds }: Books): string[] {
  const { planned, completed, failed, dropped, outcomes } = summary
  const bySecond = sumOf(seconds.map((second) => second.outcomes))
  const sum = Object.values(outcomes).reduce((total, count) => total + count, 0)
  return [
    ...(completed + failed + dropped === planned ? [] : [`${completed} + ${failed} + ${dropped} ≠ ${planned}`]),
    ...(sum === planned ? [] : [`the outcomes are ${sum}, not ${planned}`]),
    ...Object.keys(outcomes).filter((outcome) => outcomes[outcome] !== bySecond[outcome]),
  ]
}

export function sumOf(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sum: Record<string, number> = {}
  for (const [outcome, count] of counts.flatMap((each) => Object.entries(each))) {
    sum[outcome] = (sum[outcome] ?? 0) + count
  }
  return sum
}
