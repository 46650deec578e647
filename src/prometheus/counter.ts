import { type Duration, formatFraction, toMilliseconds } from '../support/quantities.ts'
import { increaseBy, ratioBy } from './groups.ts'
import { increaseIn, type MeasuredRatio, type Measurement, ratioIn } from './measurement.ts'
import type { TimeWindow } from './samples.ts'
import { type LabelSelection, selectorText } from './selector.ts'
import { readInSession } from './session-read.ts'
import { readWindow, type WindowQuery, type WindowReading } from './window-reader.ts'

export interface DuringOptions {
  /** How long to wait until every target was read past the end of the window. @default '10s', or longer where scrapes are rare */
  within?: Duration
}

/** The counters of a name with some labels. A description: it reads nothing. */
export class Counter {
  readonly #metric: string
  readonly #selection: LabelSelection

  constructor(metric: string, selection: LabelSelection) {
    this.#metric = metric
    this.#selection = selection
    selectorText(metric, selection)
  }

  /**
   * The same counters in a window that is over: what users saw, or any `{ startedAt, endedAt }`.
   *
   * @example
   * const observed = await users.for('20s')
   * expect(await responses.during(observed).errorRate({ status_code: /5../ })).toBeBelow('1%')
   */
  during(window: TimeWindow, { within }: DuringOptions = {}): CounterDuring {
    const { startedAt, endedAt } = window
    const query = { metric: this.#metric, selection: this.#selection, window: { startedAt, endedAt } }
    const wait = within === undefined ? {} : { withinMs: toMilliseconds(within) }
    return new CounterDuring(query, wait)
  }
}

/** What counters counted, apart by the values of a label; series without it are under the empty value. */
export interface CounterByLabel {
  increase(): Promise<ReadonlyMap<string, Measurement>>
  /** A value for which nothing was counted has no share, and is not there. */
  errorRate(errors: LabelSelection): Promise<ReadonlyMap<string, MeasuredRatio>>
}

/**
 * Counters in a window. What is read is exact to the scrapes: each target is counted from its last scrape before the
 * window to its first after it, counters that start again and series that are born within are counted in full.
 *
 * Every method rejects, inconclusive, where the data cannot tell: CHAOS_PROMETHEUS_NO_DATA, _NOT_COVERED, _GAP,
 * _SHORT_WINDOW, _NO_LABEL, _NOTHING_COUNTED, _NO_BASELINE, _NAN, _WARNINGS, _QUERY, _UNREACHABLE, _BAD_ANSWER.
 */
export class CounterDuring {
  readonly #query: WindowQuery
  readonly #wait: { withinMs?: number }

  constructor(query: WindowQuery, wait: { withinMs?: number }) {
    this.#query = query
    this.#wait = wait
  }

  /** How much they rose, together. */
  increase(): Promise<Measurement> {
    return this.#read(this.#selector(), increaseIn, (measured) => ({
      result: `${measured.value}`,
      value: measured.value,
    }))
  }

  /**
   * The share of what they counted that has the labels of an error as well. None of these need exist: that nothing was
   * counted as an error is no error, as long as requests were counted and there is such a label.
   */
  errorRate(errors: LabelSelection): Promise<MeasuredRatio> {
    const query = this.#ratioQuery(errors)
    return this.#read(
      query,
      (reading) => ratioIn(reading, errors, query),
      ({ numerator, denominator, value }) => ({
        result: `${numerator} of ${denominator} (${formatFraction(value)})`,
        value,
      }),
    )
  }

  /** The same, apart by the values of a label. */
  by(label: string): CounterByLabel {
    return {
      increase: async () => increaseBy(label, await this.increase()),
      errorRate: async (errors) => ratioBy(label, await this.errorRate(errors)),
    }
  }

  #read<Result extends Measurement>(
    query: string,
    measure: (reading: WindowReading) => Result,
    viewOf: (measured: Result) => { result: string; value: number },
  ): Promise<Result> {
    return readInSession(
      query,
      this.#query.window,
      async (client, signal) => measure(await readWindow(client, this.#query, { ...this.#wait, signal })),
      viewOf,
    )
  }

  #selector(): string {
    return selectorText(this.#query.metric, this.#query.selection)
  }

  #ratioQuery(errors: LabelSelection): string {
    const numerator = selectorText(this.#query.metric, { ...this.#query.selection, ...errors })
    return `${numerator} / ${this.#selector()}`
  }
}
