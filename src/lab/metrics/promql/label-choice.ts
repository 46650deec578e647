import { keyOfSome, type Labels, metricNameLabel, onlyLabels, withoutLabels } from '../labels.ts'

/** Some labels of each series: those that are named (`by`, `on`), or all others but the name (`without`, `ignoring`). */
export class LabelChoice {
  readonly #names: readonly string[]
  readonly #named: boolean

  constructor(kind: 'named' | 'others', names: readonly string[]) {
    this.#named = kind === 'named'
    this.#names = this.#named ? names : [...names, metricNameLabel]
  }

  /** The same key for labels that are equal as far as they are chosen. */
  key(labels: Labels): string {
    return keyOfSome(labels, (name) => this.#names.includes(name) === this.#named)
  }

  labels(labels: Labels): Labels {
    return this.#named ? onlyLabels(labels, this.#names) : withoutLabels(labels, this.#names)
  }
}
