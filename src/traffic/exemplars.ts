import type { PodSighting, RequestExemplar } from '../journal/events.ts'
import type { EndedRequest } from './ledger.ts'

const firstErrorsOfAKind = 3
const slowestKept = 5
const mostPods = 10

interface Kept {
  exemplar: RequestExemplar
  span: EndedRequest['span']
}

/**
 * Keeps a few requests that are worth a look, however many there are: the first errors of each kind and stage, and the
 * slowest of those that were answered as users expect.
 */
export class ExemplarReservoir {
  readonly #errors = new Map<string, Kept[]>()
  readonly #slowest: Kept[] = []

  /** @param startedAt The start of the traffic: milliseconds since the epoch. */
  enter(request: EndedRequest, startedAt: number): void {
    if (request.completed) this.#enterAnswered(request, startedAt)
    else this.#enterError(request, startedAt)
  }

  /** The errors, in the order of their planned times. */
  get errors(): RequestExemplar[] {
    const errors = [...this.#errors.values()].flat()
    return errors.map(({ exemplar }) => exemplar).sort((a, b) => a.plannedAt - b.plannedAt)
  }

  /** The slowest first. */
  get slowest(): RequestExemplar[] {
    return this.#slowest.map(({ exemplar }) => exemplar)
  }

  /** Sees to it that each has its trace. */
  keepTraces(): void {
    for (const { span } of [...this.#errors.values(), this.#slowest].flat()) span.keep()
  }

  #enterError(request: EndedRequest, startedAt: number): void {
    const kind = kindOf(request)
    const known = this.#errors.get(kind)
    if (!known) this.#errors.set(kind, [keptOf(request, startedAt)])
    else if (known.length < firstErrorsOfAKind) known.push(keptOf(request, startedAt))
  }

  #enterAnswered(request: EndedRequest, startedAt: number): void {
    const latencyMs = request.endedMs - request.plannedMs
    if (this.#slowest.length === slowestKept && latencyMs <= (this.#slowest.at(-1)?.exemplar.latencyMs ?? 0)) return
    this.#slowest.push(keptOf(request, startedAt))
    this.#slowest.sort((a, b) => b.exemplar.latencyMs - a.exemplar.latencyMs)
    this.#slowest.length = Math.min(this.#slowest.length, slowestKept)
  }
}

/** What a reservoir would have kept that had seen the requests of several. */
export function fewExemplars(
  errors: readonly RequestExemplar[],
  slowest: readonly RequestExemplar[],
): { firstErrors: RequestExemplar[]; slowest: RequestExemplar[] } {
  const inOrder = errors.toSorted((a, b) => a.plannedAt - b.plannedAt)
  const kinds = Object.values(Object.groupBy(inOrder, kindOf))
  return {
    firstErrors: kinds
      .flatMap((kind = []) => kind.slice(0, firstErrorsOfAKind))
      .sort((a, b) => a.plannedAt - b.plannedAt),
    slowest: slowest.toSorted((a, b) => b.latencyMs - a.latencyMs).slice(0, slowestKept),
  }
}

function kindOf({ outcome, stage }: Pick<RequestExemplar, 'outcome' | 'stage'>): string {
  return `${outcome} ${stage}`
}

function keptOf(request: EndedRequest, startedAt: number): Kept {
  return { exemplar: exemplarOf(request, startedAt), span: request.span }
}

function exemplarOf(request: EndedRequest, startedAt: number): RequestExemplar {
  const { span, sequence, plannedMs, endedMs, outcome, stage, status, pod } = request
  const pods = podsBehind(request)
  return {
    traceId: span.traceId,
    sequence,
    plannedAt: Math.round(startedAt + plannedMs),
    outcome,
    stage,
    latencyMs: endedMs - plannedMs,
    ...(status === undefined ? {} : { status }),
    ...(pod === undefined ? {} : { pod }),
    ...(pods === undefined ? {} : { pods }),
  }
}

/** The pod that answered; where a request failed and none is known, those that might have. */
function podsBehind({ pod, completed, podsNow }: EndedRequest): PodSighting[] | undefined {
  if (!podsNow) return undefined
  if (pod === undefined) return completed ? undefined : readyLast(podsNow).slice(0, mostPods)
  const known = podsNow.find(({ name }) => name === pod)
  return known && [known]
}

function readyLast(pods: readonly PodSighting[]): PodSighting[] {
  return [...pods.filter(({ state }) => state !== 'ready'), ...pods.filter(({ state }) => state === 'ready')]
}
