import { toMilliseconds } from '../support/quantities.ts'
import type { DuringOptions } from './counter.ts'
import { type Reset, resetsIn, type SeriesValues, valuesIn } from './gauge-values.ts'
import { labelsInWords, type TimeWindow } from './samples.ts'
import { type LabelSelection, selectorText } from './selector.ts'
import { type ReadView, readInSession } from './session-read.ts'
import { readWindow, type WindowQuery, type WindowReading } from './window-reader.ts'

/** The gauges of a name with some labels: values that go up and down. A description: it reads nothing. */
export class Gauge {
  readonly #metric: string
  readonly #selection: LabelSelection

  constructor(metric: string, selection: LabelSelection) {
    this.#metric = metric
    this.#selection = selection
    selectorText(metric, selection)
  }

  /** The same gauges in a window that is over: what users saw, or any `{ startedAt, endedAt }`. */
  during({ startedAt, endedAt }: TimeWindow, { within }: DuringOptions = {}): GaugeDuring {
    const query = { metric: this.#metric, selection: this.#selection, window: { startedAt, endedAt } }
    return new GaugeDuring(query, within === undefined ? {} : { withinMs: toMilliseconds(within) })
  }
}

/**
 * Gauges in a window, with the samples around its edges. Every method rejects, inconclusive, where the data cannot
 * tell, as those of a counter do.
 */
export class GaugeDuring {
  readonly #query: WindowQuery
  readonly #wait: { withinMs?: number }

  constructor(query: WindowQuery, wait: { withinMs?: number }) {
    this.#query = query
    this.#wait = wait
  }

  /**
   * What each series showed: its first and last value, the lowest and the highest. A new pod is a new series: a value
   * that lives in a pod begins again in a new one, and no series of it goes back.
   */
  values(): Promise<SeriesValues[]> {
    return this.#read(valuesIn, (values) => ({ result: valuesInWords(values), value: singleValue(values) }))
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
    return this.#read(resetsIn, (resets) => ({ result: timesInWords(resets.length), value: resets.length }))
  }

  #read<Result>(readOff: (reading: WindowReading) => Result, viewOf: (result: Result) => ReadView): Promise<Result> {
    return readInSession(
      selectorText(this.#query.metric, this.#query.selection),
      this.#query.window,
      async (client, signal) => readOff(await readWindow(client, this.#query, { ...this.#wait, signal })),
      viewOf,
    )
  }
}

function timesInWords(count: number): string {
  if (count === 0) return 'it never went back'
  return count === 1 ? 'it went back once' : `it went back ${count} times`
}

function valuesInWords(values: readonly SeriesValues[]): string {
  return values.map(({ labels, first, last }) => `${labelsInWords(labels)}: ${first.value} to ${last.value}`).join('; ')
}

/** What a single series ended with; several have no single value. */
function singleValue([only, ...others]: readonly SeriesValues[]): number | null {
  return only && others.length === 0 ? only.last.value : null
}
