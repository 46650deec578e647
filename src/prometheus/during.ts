import type { SeriesView } from '../journal/events.ts'
import { deviation, isChaosError, messageOf } from '../support/errors.ts'
import { type Duration, toMilliseconds } from '../support/quantities.ts'
import { type Measurement, nothingMeasured } from './measurement.ts'
import { type LabelSelection, selectorText } from './selector.ts'
import { type ReadView, readInSession } from './session-read.ts'
import { shownSeries } from './shown-series.ts'
import { readWindow, type WindowReading } from './window-reader.ts'
import type { ObservedWindow } from './windows.ts'

export interface DuringOptions {
  /** How long to wait until every target was read past the end of the window. @default '10s', or longer where scrapes are rare */
  within?: Duration
  /**
   * What it means that there are no such series, or that nothing was counted: nobody knows (`inconclusive`, exit 4),
   * that is as good as held, or that is a deviation. A doubt in the data (a target down, a gap, a warning, a server that
   * does not answer) is inconclusive whatever is said here.
   *
   * @default 'inconclusive'
   */
  onNoData?: OnNoData
}

export type OnNoData = 'inconclusive' | 'held' | 'deviated'

/** What says that there is nothing, rather than that it cannot be known. */
const noDataCodes = ['CHAOS_PROMETHEUS_NO_DATA', 'CHAOS_PROMETHEUS_NOTHING_COUNTED']

/** What is made of a reading. */
export interface SeriesMeasure<Result> {
  measure(reading: WindowReading): Result
  viewOf(measured: Result): ReadView
  /** The result where there are no data, and the spec says that this counts as held. */
  whenNothing(nothing: Measurement<never>): Result
}

/** Series of a metric in a window, and how to read them. */
export class SeriesDuring {
  readonly selector: string
  readonly #query: { metric: string; selection: LabelSelection; window: ObservedWindow }
  readonly #wait: { withinMs?: number }
  readonly #onNoData: OnNoData

  constructor(metric: string, selection: LabelSelection, window: ObservedWindow, options: DuringOptions = {}) {
    const { within, onNoData = 'inconclusive' } = options
    this.selector = selectorText(metric, selection)
    this.#query = { metric, selection, window }
    this.#wait = within === undefined ? {} : { withinMs: toMilliseconds(within) }
    this.#onNoData = onNoData
  }

  /** Reads them, once Prometheus has seen all of the window; the journal keeps the query and the view of the result. */
  read<Result>(query: string, { measure, viewOf, whenNothing }: SeriesMeasure<Result>): Promise<Result> {
    const { window } = this.#query
    let noData: string | undefined
    let series: SeriesView[] = []
    return readInSession(query, window, {
      read: async (client, signal) => {
        try {
          const reading = await readWindow(client, this.#query, { ...this.#wait, signal })
          series = shownSeries(reading)
          return measure(reading)
        } catch (error) {
          noData = this.#meaningOf(error)
          return whenNothing(nothingMeasured(query, window, noData))
        }
      },
      viewOf: (measured) =>
        noData === undefined
          ? { ...viewOf(measured), series }
          : { result: `no data, which counts as held: ${noData}`, value: null },
    })
  }

  /** @returns why there are no data, if that counts as held @throws the error, or the deviation that it means */
  #meaningOf(error: unknown): string {
    if (!isChaosError(error) || !noDataCodes.includes(error.code)) throw error
    if (this.#onNoData === 'held') return messageOf(error)
    if (this.#onNoData === 'deviated') throw deviation(error.code, error.message, { cause: error })
    throw error
  }
}
