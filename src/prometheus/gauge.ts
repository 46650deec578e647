import { DescribedSeries } from './described-series.ts'
import { type DuringOptions, SeriesDuring } from './during.ts'
import {
  type Change,
  changesIn,
  gaugeIn,
  lastOf,
  type Reset,
  resetsIn,
  type SeriesValues,
  valuesIn,
} from './gauge-values.ts'
import type { Measurement } from './measurement.ts'
import { labelsInWords } from './samples.ts'
import type { LabelSelection } from './selector.ts'
import type { ObservedWindow } from './windows.ts'

/** The gauges of a name with some labels: values that go up and down. */
export class Gauge extends DescribedSeries<GaugeDuring> {
  constructor(metric: string, selection: LabelSelection) {
    super(metric, selection, GaugeDuring)
  }
}

/**
 * Gauges in a window, with the samples around its edges: what is between two scrapes is in none of them. Every method
 * rejects, inconclusive, where the data cannot tell, as those of a counter do.
 */
export class GaugeDuring {
  readonly #series: SeriesDuring
  readonly #window: ObservedWindow

  constructor(metric: string, selection: LabelSelection, window: ObservedWindow, options?: DuringOptions) {
    this.#series = new SeriesDuring(metric, selection, window, options)
    this.#window = window
  }

  /** The lowest value that any of them showed. */
  min(): Promise<Measurement<SeriesValues>> {
    return this.#one('min_over_time', (values) => Math.min(...values.map(({ min }) => min)))
  }

  /**
   * The highest value that any of them showed.
   *
   * @example
   * expect(await prometheus.gauge('queue_length').during(observed).max()).toBeBelow(100)
   */
  max(): Promise<Measurement<SeriesValues>> {
    return this.#one('max_over_time', (values) => Math.max(...values.map(({ max }) => max)))
  }

  /** The value that the window ended with. @throws CHAOS_PROMETHEUS_SEVERAL_SERIES where several were there then */
  last(): Promise<Measurement<SeriesValues>> {
    return this.#one('last_over_time', (values) => lastOf(values, this.#window.endedAt))
  }

  /**
   * What each series showed: its first and last value, the lowest and the highest. A new pod is a new series: a value
   * that lives in a pod begins again in a new one, and no series of it goes back.
   */
  values(): Promise<SeriesValues[]> {
    return this.#read(valuesIn, (values) => ({ result: valuesInWords(values), value: singleValue(values) }))
  }

  /** Each time that a series showed another value than before, in the order of time. */
  changes(): Promise<Change[]> {
    return this.#read(changesIn, ({ length }) => ({ result: timesInWords(length, 'changed'), value: length }))
  }

  /**
   * Each time that a series went back, in the order of time. To learn whether a value went back *for the users*, ask
   * the service that they call for what it gave them, not the pods behind it: these are replaced, it stays.
   *
   * @example
   * const resets = await prometheus.gauge('counter', { name: 'service1' }).during(observed).resets()
   * if (resets.length > 0) finding('users saw the counter go back', resets)
   */
  resets(): Promise<Reset[]> {
    return this.#read(resetsIn, ({ length }) => ({ result: timesInWords(length, 'went back'), value: length }))
  }

  #one(name: string, pick: (values: readonly SeriesValues[]) => number): Promise<Measurement<SeriesValues>> {
    const query = `${name}(${this.#series.selector})`
    return this.#series.read(query, {
      measure: (reading) => gaugeIn(reading, query, pick),
      viewOf: ({ value }) => ({ result: `${value}`, value }),
      whenNothing: (nothing) => nothing,
    })
  }

  #read<Item>(
    measure: (reading: Parameters<typeof valuesIn>[0]) => Item[],
    viewOf: (items: Item[]) => { result: string; value: number | null },
  ): Promise<Item[]> {
    return this.#series.read(this.#series.selector, { measure, viewOf, whenNothing: () => [] })
  }
}

function timesInWords(count: number, what: string): string {
  if (count === 0) return `it never ${what}`
  return count === 1 ? `it ${what} once` : `it ${what} ${count} times`
}

function valuesInWords(values: readonly SeriesValues[]): string {
  return values.map(({ labels, first, last }) => `${labelsInWords(labels)}: ${first.value} to ${last.value}`).join('; ')
}

/** What a single series ended with; several have no single value. */
function singleValue([only, ...others]: readonly SeriesValues[]): number | null {
  return only && others.length === 0 ? only.last.value : null
}
