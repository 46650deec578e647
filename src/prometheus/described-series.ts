import type { DuringOptions } from './during.ts'
import { type LabelSelection, selectorText } from './selector.ts'
import type { ObservedWindow } from './windows.ts'

/** What reads series of a metric in a window. */
export type Reader<During> = new (
  metric: string,
  selection: LabelSelection,
  window: ObservedWindow,
  options?: DuringOptions,
) => During

/** Series of a name with some labels. A description: it reads nothing before a window is named and its reader asked. */
export class DescribedSeries<During> {
  readonly #metric: string
  readonly #selection: LabelSelection
  readonly #reader: Reader<During>

  /** @throws CHAOS_BAD_SELECTOR (usage) */
  constructor(metric: string, selection: LabelSelection, reader: Reader<During>) {
    this.#metric = metric
    this.#selection = selection
    this.#reader = reader
    selectorText(metric, selection)
  }

  /**
   * The same series in a window that is over: what users saw, the window of a method (`prometheus.window`), the last
   * seconds (`prometheus.last`), or any `{ startedAt, endedAt }`.
   *
   * @example
   * const observed = await users.for('20s')
   * expect(await responses.during(observed).errorRate({ status_code: /^5/ })).toBeBelow('1%')
   */
  during(window: ObservedWindow, options?: DuringOptions): During {
    return new this.#reader(this.#metric, this.#selection, window, options)
  }
}
