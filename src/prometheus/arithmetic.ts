import type { Labels, Sample } from './samples.ts'

/** How much a counter rose, and what happened to it meanwhile. */
export interface SeriesIncrease {
  readonly labels: Labels
  readonly increase: number
  /** How often it started again at 0. */
  readonly resets: number
  /** Whether the series began within the window, so that its first value counts in full. */
  readonly born: boolean
  /** How many samples this is about. */
  readonly samples: number
  /** The first sample that showed a rise: milliseconds since the epoch. */
  readonly firstRiseAt?: number
}

/** Which part of a series' samples counts. */
export interface CountedPart {
  /** The value before the window is that of the last sample at or before this time. */
  from: number
  /** The last sample that counts is at or before this time. */
  until: number
}

/** The samples that say how a counter rose. */
export interface CounterSamples {
  /** The value before the window; absent: the series began within it. */
  readonly baseline: Sample | undefined
  /** The samples after it. */
  readonly rest: readonly Sample[]
}

/** The samples of a part: one before it, where there is one, and those within. */
export function samplesOfPart(samples: readonly Sample[], { from, until }: CountedPart): CounterSamples {
  return {
    baseline: samples.findLast(({ at }) => at <= from),
    rest: samples.filter(({ at }) => at > from && at <= until),
  }
}

/**
 * How much a counter rose: the sum of what it gained from sample to sample. A value below the one before means that it
 * started again at 0, so all of it was gained. Without a baseline the counter was born at 0.
 *
 * Exact for what was scraped, unlike PromQL's `increase()`: that one extrapolates, and takes the first value of a new
 * series for its beginning.
 */
export function increaseOf(labels: Labels, { baseline, rest }: CounterSamples): SeriesIncrease {
  let increase = 0
  let resets = 0
  let previous = baseline?.value ?? 0
  let firstRiseAt: number | undefined
  for (const { at, value } of rest) {
    const reset = value < previous
    const gained = reset ? value : value - previous
    if (reset) resets++
    if (gained > 0) firstRiseAt ??= at
    increase += gained
    previous = value
  }
  return {
    labels,
    increase,
    resets,
    born: baseline === undefined,
    samples: rest.length + (baseline ? 1 : 0),
    ...(firstRiseAt === undefined ? {} : { firstRiseAt }),
  }
}

/** What all of them gained together. */
export function sumOf(series: readonly SeriesIncrease[]): number {
  return series.reduce((sum, { increase }) => sum + increase, 0)
}
