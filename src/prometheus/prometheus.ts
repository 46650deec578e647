import { currentSession } from '../session/session.ts'
import { usageError } from '../support/errors.ts'
import { type Duration, toMilliseconds } from '../support/quantities.ts'
import { Counter } from './counter.ts'
import { courseOf } from './course.ts'
import { Gauge } from './gauge.ts'
import type { SeriesValues } from './gauge-values.ts'
import { Histogram } from './histogram.ts'
import type { Measurement } from './measurement.ts'
import { reconcile } from './reconcile.ts'
import type { LabelSelection } from './selector.ts'
import { readInSession } from './session-read.ts'
import { singleValue } from './single-value.ts'
import { lastWindow, type MethodWindow, type SettleOptions, type TimeWindow, windowOf } from './windows.ts'

/** When a query is about. */
export interface QueryOptions {
  /** Milliseconds since the epoch. @default now */
  at?: number
}

/** The steps of a window that a query is about. */
export interface CourseOptions {
  at: TimeWindow
  /** From one step to the next. */
  every: Duration
}

/**
 * What Prometheus counted: `counter`, `gauge` and `histogram` describe series, and read nothing before `during(window)`
 * is asked.
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
   * The classic histograms of a name (without `_bucket`), with some labels.
   *
   * @throws CHAOS_BAD_SELECTOR (usage)
   * @example
   * const durations = prometheus.histogram('svc_request_duration_seconds', { name: 'service1' })
   */
  histogram: (metric: string, labels: LabelSelection = {}): Histogram => new Histogram(metric, labels),

  /**
   * Plays a method and resolves to its window: from its start to its end, and the time to settle after that. For a method
   * without users; `users.during(…)` resolves to a window, too.
   *
   * @example
   * const rollout = await prometheus.window(() => service.rolledOut(), { settle: '2s' })
   * expect(await responses.during(rollout).errorRate({ code: /^5/ })).toBeBelow('1%')
   */
  window: <Result>(method: () => Promise<Result>, options?: SettleOptions): Promise<MethodWindow<Result>> =>
    windowOf(method, options, { signal: currentSession().signal() }),

  /**
   * The window from so long ago until now.
   *
   * @example
   * const resets = await prometheus.gauge('counter').during(prometheus.last('30s')).resets()
   */
  last: (duration: Duration): TimeWindow => lastWindow(duration),

  /**
   * Sets the users' count beside that of Prometheus, of the same window. What users lost and no server counted as an
   * error becomes a finding.
   *
   * @throws CHAOS_OTHER_WINDOW (usage), CHAOS_NOT_A_MEASUREMENT
   * @example
   * const counted = await responses.during(observed).errorRate({ status_code: /^5/ })
   * prometheus.reconcile(observed, counted)
   */
  reconcile,

  query,
}

/**
 * The number that any PromQL comes to: a scalar, or the value of a single series. Beware of `rate` and `increase` in
 * short windows: they miss the first value of a new series, and extrapolate. `counter(…).during(…)` does neither.
 *
 * @throws inconclusive: CHAOS_PROMETHEUS_NO_DATA, CHAOS_PROMETHEUS_SEVERAL_SERIES, CHAOS_PROMETHEUS_NAN and others
 * @example
 * expect(await prometheus.query('sum(queue_length)')).toBeBelow(100)
 */
function query(promql: string, options?: QueryOptions): Promise<number>
/**
 * The course of that number: its value at each step of a window.
 *
 * @throws the same, also where a step has no value; CHAOS_BAD_DURATION (usage)
 * @example
 * expect(await prometheus.query('sum(queue_length)', { at: observed, every: '1s' })).toStayBelow(100)
 */
function query(promql: string, options: CourseOptions): Promise<Measurement<SeriesValues>>
function query(
  promql: string,
  options: QueryOptions | CourseOptions = {},
): Promise<number | Measurement<SeriesValues>> {
  if ('every' in options) return queryCourse(promql, options)
  const { at = Date.now() } = options
  const moment = { startedAt: at, endedAt: at }
  return readInSession(promql, moment, {
    read: (client) => singleValue(client, promql, at),
    viewOf: (value) => ({ result: String(value), value }),
  })
}

async function queryCourse(promql: string, { at, every }: CourseOptions): Promise<Measurement<SeriesValues>> {
  const stepMs = toMilliseconds(every)
  if (stepMs === 0) throw usageError('CHAOS_BAD_DURATION', 'prometheus.query: "every" must be more than 0.')
  return readInSession(promql, at, {
    read: (client) => courseOf(client, promql, at, stepMs),
    viewOf: ({ value, series: [only] }) => ({
      result: `from ${only?.min} to ${only?.max}, ${value} at the end`,
      value,
    }),
  })
}
