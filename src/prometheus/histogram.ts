import { usageError } from '../support/errors.ts'
import { type Duration, formatFraction, toMilliseconds } from '../support/quantities.ts'
import { bucketAt, bucketsOf, quantileOf } from './buckets.ts'
import { groundsOf, seriesIncreases } from './counting.ts'
import { DescribedSeries } from './described-series.ts'
import { type DuringOptions, SeriesDuring } from './during.ts'
import { type MeasuredFraction, type MeasuredQuantile, samplesOf } from './measurement.ts'
import { type LabelSelection, selectorText } from './selector.ts'
import type { WindowReading } from './window-reader.ts'
import type { ObservedWindow } from './windows.ts'

/** The classic histograms of a name, without `_bucket`, with some labels. */
export class Histogram extends DescribedSeries<HistogramDuring> {
  constructor(metric: string, selection: LabelSelection) {
    super(metric, selection, HistogramDuring)
  }
}

/**
 * Histograms in a window, all series together, counted as counters are: exact to the scrapes. Every method rejects,
 * inconclusive, where the data cannot tell, as those of a counter do, and with CHAOS_PROMETHEUS_BUCKETS_DIFFER and
 * CHAOS_PROMETHEUS_NO_BUCKETS.
 */
export class HistogramDuring {
  readonly #metric: string
  readonly #selection: LabelSelection
  readonly #series: SeriesDuring

  constructor(metric: string, selection: LabelSelection, window: ObservedWindow, options?: DuringOptions) {
    this.#metric = metric
    this.#selection = selection
    this.#series = new SeriesDuring(`${metric}_bucket`, selection, window, options)
  }

  /**
   * The value, in the unit of the metric, within which that share (0 to 1) of the observations was. What is known is its
   * bucket, `above` to `atMost`; a matcher gives no verdict where the limit is inside.
   *
   * @throws CHAOS_BAD_QUANTILE (usage)
   * @example
   * expect(await durations.during(observed).quantile(0.99)).toHaveLatencyBelow('300ms')
   */
  async quantile(quantile: number): Promise<MeasuredQuantile> {
    if (!(quantile > 0 && quantile <= 1)) {
      throw usageError(
        'CHAOS_BAD_QUANTILE',
        `A quantile is more than 0 and at most 1, as 0.99, and this one is ${quantile}.`,
      )
    }
    const query = `histogram_quantile(${quantile}, ${this.#series.selector})`
    const unitMs = unitOf(this.#metric)
    const unit = unitMs === undefined ? {} : { unitMs }
    return this.#series.read<MeasuredQuantile>(query, {
      measure: (reading) => {
        const { buckets, observations, grounds } = countedIn(reading)
        return { ...quantileOf(buckets, quantile), ...grounds, query, quantile, observations, ...unit }
      },
      viewOf: ({ value, above, atMost }) => ({
        result: `${Number(value.toPrecision(3))} (more than ${above}, at most ${atMost})`,
        value: Number.isFinite(value) ? value : null,
      }),
      whenNothing: (nothing) => ({
        ...nothing,
        above: Number.NaN,
        atMost: Number.NaN,
        quantile,
        observations: 0,
        ...unit,
      }),
    })
  }

  /**
   * The share of the observations that took at most that long: where a bucket ends there. It is exact, which no quantile
   * is. A number is milliseconds; of a histogram whose name says no unit of time, a value of its own.
   *
   * @throws CHAOS_PROMETHEUS_NO_SUCH_BUCKET (usage) no bucket ends there
   * @example
   * expect(await durations.during(observed).fractionBelow('300ms')).toBeAtLeast('99%')
   */
  async fractionBelow(limit: Duration): Promise<MeasuredFraction> {
    const bound = toMilliseconds(limit) / (unitOf(this.#metric) ?? 1)
    const query = `${selectorText(`${this.#metric}_bucket`, { ...this.#selection, le: bound })} / ${this.#series.selector}`
    return this.#series.read<MeasuredFraction>(query, {
      measure: (reading) => {
        const { buckets, observations, grounds } = countedIn(reading)
        const below = bucketAt(buckets, bound, reading.selector).count
        return { ...grounds, value: below / observations, below, observations, query }
      },
      viewOf: ({ below, observations, value }) => ({
        result: `${below} of ${observations} (${formatFraction(value)})`,
        value,
      }),
      whenNothing: (nothing) => ({ ...nothing, below: 0, observations: 0 }),
    })
  }
}

function countedIn(reading: WindowReading) {
  const increases = seriesIncreases(reading)
  const buckets = bucketsOf(increases, reading.selector)
  const all = buckets.at(-1)
  const observations = all?.count ?? 0
  const grounds = groundsOf(reading, all?.series ?? [], { requests: observations })
  return { buckets, observations, grounds: { ...grounds, samples: samplesOf(increases) } }
}

/** The milliseconds of a unit, by the suffix that Prometheus' naming rules ask for. */
function unitOf(metric: string): number | undefined {
  if (/_(milliseconds|millis|ms)$/.test(metric)) return 1
  if (/_(microseconds|us)$/.test(metric)) return 0.001
  return /_(seconds|s)$/.test(metric) ? 1000 : undefined
}
