import { Counter } from './counter.ts'
import { Gauge } from './gauge.ts'
import type { LabelSelection } from './selector.ts'
import { readInSession } from './session-read.ts'
import { singleValue } from './single-value.ts'

/** When a query is about. */
export interface QueryOptions {
  /** Milliseconds since the epoch. @default now */
  at?: number
}

/**
 * What Prometheus counted: `counter` and `gauge` describe series, and read nothing before `during(window)` is asked.
 */
export const prometheus = {
  /**
   * The counters of a name, with some labels.
   *
   * @throws CHAOS_BAD_SELECTOR (usage)
   * @example
   * const responses = prometheus.counter('svc_responses_total', { name: 'service1' })
   */
  counter: (metric: string, labels: LabelSelection = {}): Counter => new Counter(metric, labels),

  /**
   * The gauges of a name, with some labels.
   *
   * @throws CHAOS_BAD_SELECTOR (usage)
   */
  gauge: (metric: string, labels: LabelSelection = {}): Gauge => new Gauge(metric, labels),

  /**
   * The number that any PromQL comes to: a scalar, or the value of a single series. Beware of `rate` and `increase` in
   * short windows: they miss the first value of a new series, and extrapolate. `counter(…).during(…)` does neither.
   *
   * @throws inconclusive: CHAOS_PROMETHEUS_NO_DATA, CHAOS_PROMETHEUS_SEVERAL_SERIES, CHAOS_PROMETHEUS_NAN and others
   * @example
   * expect(await prometheus.query('sum(queue_length)')).toBeBelow(100)
   */
  query: (promql: string, { at = Date.now() }: QueryOptions = {}): Promise<number> =>
    readInSession(
      promql,
      { startedAt: at, endedAt: at },
      (client) => singleValue(client, promql, at),
      (value) => ({ result: String(value), value }),
    ),
}
