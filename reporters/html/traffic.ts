import type { ChaosEvent, RequestExemplar, TrafficProgress } from '../../src/journal/events.ts'
import { podsInWords } from '../../src/journal/pod-words.ts'
import type { TrafficState } from '../../src/journal/state.ts'
import type { RequestView, SecondView, TrafficNumbers, TrafficView } from './view.ts'

type Progress = TrafficProgress & { at: number }

/** What a file's users saw second by second, in all its streams. */
export function secondsOf(events: readonly ChaosEvent[], file: string): Progress[] {
  return events.filter((event) => event.type === 'traffic-progress' && event.file === file) as Progress[]
}

/** @param cutAt when a stream without an end ended at the latest */
export function trafficView(traffic: TrafficState, seconds: readonly Progress[], cutAt: number): TrafficView {
  const { id, url, reachedBy, perSecond, phase, startedAt, endedAt = cutAt, outcomes, summary } = traffic
  const load = traffic.load ?? `${perSecond}/s`
  const own = seconds.filter((second) => second.traffic === id && second.at >= startedAt && second.at <= endedAt)
  return {
    name: id,
    url,
    ...(reachedBy === undefined ? {} : { reachedBy }),
    ...(isConstant(load) ? { perSecond } : {}),
    load,
    ...(phase ? { phase } : {}),
    from: startedAt,
    to: endedAt,
    outcomes: { ...outcomes },
    ...(summary ? { summary: numbersOf(summary) } : {}),
    seconds: own.map(secondView),
  }
}

/** `10/s`, and not `10/s rising to 100/s over 30 s`. */
function isConstant(load: string): boolean {
  return /^[\d.]+\/[smh]$/.test(load)
}

function numbersOf({
  planned,
  completed,
  failed,
  dropped,
  latencyMs,
}: NonNullable<TrafficState['summary']>): TrafficNumbers {
  return { planned, completed, failed, dropped, ...latencyMs }
}

function secondView({ at, outcomes, latencyMs }: Progress): SecondView {
  const hasLatency = latencyMs !== undefined && latencyMs.max > 0
  return {
    at,
    outcomes,
    ...(hasLatency ? { latencyMs: [latencyMs.p50, latencyMs.p90, latencyMs.p99, latencyMs.max] } : {}),
  }
}

/** A request that the traffic named as worth a look. */
export function requestView(exemplar: RequestExemplar): RequestView {
  const { traceId, plannedAt, outcome, status, latencyMs, pod, pods } = exemplar
  return {
    ...{ traceId, at: plannedAt, outcome, latencyMs },
    failed: outcome !== '2xx' && outcome !== '3xx',
    pods: pod === undefined ? [] : [pod],
    ...(pods === undefined ? {} : { podsThen: podsInWords(pods) }),
    ...(status === undefined ? {} : { status }),
  }
}
