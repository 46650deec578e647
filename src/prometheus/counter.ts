import { formatFraction } from '../support/quantities.ts'
import type { SeriesIncrease } from './arithmetic.ts'
import { increaseIn, ratioIn } from './counting.ts'
import { DescribedSeries } from './described-series.ts'
import { type DuringOptions, SeriesDuring } from './during.ts'
import { increaseBy, ratioBy } from './groups.ts'
import type { MeasuredRatio, Measurement } from './measurement.ts'
import { type LabelSelection, selectorText } from './selector.ts'
import type { ObservedWindow } from './windows.ts'

/** The counters of a name with some labels: values that only rise. */
export class Counter extends DescribedSeries<CounterDuring> {
  constructor(metric: string, selection: LabelSelection) {
    super(metric, selection, CounterDuring)
  }
}

/** What counters counted, apart by the values of a label; series without it are under the empty value. */
export interface CounterByLabel {
  increase(): Promise<ReadonlyMap<string, Measurement<SeriesIncrease>>>
  /** A value for which nothing was counted has no share, and is not there. */
  errorRate(errors: LabelSelection): Promise<ReadonlyMap<string, MeasuredRatio>>
}

/**
 * Counters in a window. What is read is exact to the scrapes: each target is counted from its last scrape before the
 * window to its first after it, counters that start again and series that are born within are counted in full. A target
 * that ended within counts to its last scrape; what it may have counted after that is in `unseen`.
 *
 * Every method rejects, inconclusive, where the data cannot tell: CHAOS_PROMETHEUS_NO_DATA, _NOT_COVERED, _GAP,
 * _TARGET_DOWN, _SHORT_WINDOW, _NO_LABEL, _NOTHING_COUNTED, _NO_BASELINE, _NAN, _WARNINGS, _QUERY, _DENIED,
 * _UNREACHABLE, _BAD_ANSWER.
 */
export class CounterDuring {
  readonly #series: SeriesDuring
  readonly #ratioQuery: (errors: LabelSelection) => string

  constructor(metric: string, selection: LabelSelection, window: ObservedWindow, options?: DuringOptions) {
    this.#series = new SeriesDuring(metric, selection, window, options)
    this.#ratioQuery = (errors) => `${selectorText(metric, { ...selection, ...errors })} / ${this.#series.selector}`
  }

  /** How much they rose, together. */
  increase(): Promise<Measurement<SeriesIncrease>> {
    return this.#series.read(this.#series.selector, {
      measure: increaseIn,
      viewOf: ({ value }) => ({ result: `${value}`, value }),
      whenNothing: (nothing) => ({ ...nothing, value: 0 }),
    })
  }

  /**
   * The share of what they counted that has the labels of an error as well. None of these need exist: that nothing was
   * counted as an error is no error, as long as requests were counted and there is such a label.
   */
  errorRate(errors: LabelSelection): Promise<MeasuredRatio> {
    const query = this.#ratioQuery(errors)
    return this.#series.read(query, {
      measure: (reading) => ratioIn(reading, errors, query),
      viewOf: ({ numerator, denominator, value }) => ({
        result: `${numerator} of ${denominator} (${formatFraction(value)})`,
        value,
      }),
      whenNothing: (nothing) => ({ ...nothing, numerator: 0, denominator: 0, counted: [], phases: [] }),
    })
  }

  /** The same, apart by the values of a label. */
  by(label: string): CounterByLabel {
    return {
      increase: async () => increaseBy(label, await this.increase()),
      errorRate: async (errors) => ratioBy(label, await this.errorRate(errors)),
    }
  }
}
