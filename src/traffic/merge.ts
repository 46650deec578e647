import { fewExemplars } from './exemplars.ts'
import { LatencyHistogram } from './latency.ts'
import { type Books, type OutcomeCounts, summaryOf } from './ledger.ts'

/**
 * The books of all, as if one ledger had seen their requests: counts are sums, and a percentile is that of all requests,
 * which no arithmetic on percentiles would give. Only their seconds stay as they are, in the order of time.
 */
export function mergeBooks(books: readonly Books[]): Books {
  const times = {
    latency: mergeHistograms(books.map(({ latency }) => latency)),
    serviceTime: mergeHistograms(books.map(({ serviceTime }) => serviceTime)),
    lateness: mergeHistograms(books.map(({ lateness }) => lateness)),
  }
  const sum = (count: 'planned' | 'completed' | 'failed' | 'dropped') =>
    books.reduce((total, { summary }) => total + summary[count], 0)
  const counts = {
    planned: sum('planned'),
    completed: sum('completed'),
    failed: sum('failed'),
    dropped: sum('dropped'),
    outcomes: sumOutcomes(books.map(({ summary }) => summary.outcomes)),
  }
  return {
    summary: summaryOf(counts, times),
    ...times,
    ...fewExemplars(
      books.flatMap(({ firstErrors }) => firstErrors),
      books.flatMap(({ slowest }) => slowest),
    ),
    seconds: books.flatMap(({ seconds }) => seconds).sort((a, b) => a.at - b.at),
  }
}

function mergeHistograms(histograms: readonly LatencyHistogram[]): LatencyHistogram {
  const merged = new LatencyHistogram()
  for (const histogram of histograms) merged.merge(histogram)
  return merged
}

function sumOutcomes(all: readonly OutcomeCounts[]): OutcomeCounts {
  const sums: Record<string, number> = {}
  for (const [outcome, count] of all.flatMap((outcomes) => Object.entries(outcomes))) {
    sums[outcome] = (sums[outcome] ?? 0) + count
  }
  return sums
}
