import type { SeriesView } from '../journal/events.ts'
import type { Sample } from './samples.ts'
import type { WindowReading } from './window-reader.ts'

/** Beyond that a picture shows no more, and the journal of a long run grows. */
const mostSeries = 12
const mostSamples = 60

/**
 * What was read, for those who look at it: each series from its last sample before the window to its first after it,
 * thinned out where there are many.
 */
export function shownSeries({ series, window: { startedAt, endedAt } }: WindowReading): SeriesView[] {
  return series.slice(0, mostSeries).map(({ labels, samples }) => {
    const first = Math.max(
      0,
      samples.findLastIndex(({ at }) => at <= startedAt),
    )
    const end = samples.findIndex(({ at }) => at >= endedAt)
    const part = samples.slice(first, end < 0 ? undefined : end + 1)
    return { labels, samples: thinned(part).map(({ at, value }) => [Math.round(at - startedAt), value]) }
  })
}

/** The ends stay, and so does a value that the next one falls below: a counter that starts again. */
function thinned(samples: readonly Sample[]): Sample[] {
  const step = Math.ceil(samples.length / mostSamples)
  const isKept = ({ value }: Sample, index: number) => {
    const next = samples[index + 1]
    const before = samples[index - 1]
    return index % step === 0 || !next || next.value < value || (before !== undefined && value < before.value)
  }
  return samples.filter(isKept)
}
