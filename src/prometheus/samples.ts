/** The labels of a series; its name is the label `__name__`. */
export type Labels = Readonly<Record<string, string>>

/** A value of a series, as it was scraped. */
export interface Sample {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly value: number
}

/** A series and its samples of some time, in the order of time. */
export interface SampledSeries {
  readonly labels: Labels
  readonly samples: readonly Sample[]
}

/** The labels as Prometheus writes them, without those that say nothing to a reader here. */
export function labelsInWords(labels: Labels, without: readonly string[] = []): string {
  const { __name__: name = '', ...rest } = labels
  const shown = Object.entries(rest).filter(([label]) => !without.includes(label))
  return `${name}{${shown.map(([label, value]) => `${label}=${JSON.stringify(value)}`).join(', ')}}`
}
