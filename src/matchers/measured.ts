import { isMeasuredRatio, type MeasuredRatio, type Measurement, type SeriesIncrease } from '../prometheus/index.ts'
import { formatFraction, formatMilliseconds } from '../support/quantities.ts'

/** The labels that tell one part of a system from another. */
const tellingLabels = ['version', 'pod']

/** Why an assertion about a measurement failed, as a person would sum it up: what was wanted, what was read, and how. */
export function measurementDiagnosis(measured: Measurement, finding: string): string {
  const { query, notes } = measured
  const details = isMeasuredRatio(measured) ? [...sharesInWords(measured), ...firstErrorInWords(measured)] : []
  return [finding, '', query, groundsInWords(measured), ...details, ...notes.map((note) => `note: ${note}`)].join('\n')
}

/** `106 of 199 (53.3 %)` */
export function shareInWords({ numerator, denominator, value }: MeasuredRatio): string {
  return `${numerator} of ${denominator} (${formatFraction(value)})`
}

function groundsInWords({ window: { startedAt, endedAt }, scrapeIntervalMs, samples, series }: Measurement): string {
  const length = formatMilliseconds(endedAt - startedAt)
  const from = new Date(startedAt).toISOString()
  const until = new Date(endedAt).toISOString()
  return `in ${length} (${from} to ${until}), scraped every ${formatMilliseconds(scrapeIntervalMs)}: ${samples} samples of ${series.length} series`
}

function sharesInWords({ series, counted }: MeasuredRatio): string[] {
  return tellingLabels.flatMap((label) => {
    const all = increaseBy(label, series)
    const errors = increaseBy(label, counted)
    const shares = [...all].map(([value, increase]) => `${value} ${errors.get(value) ?? 0} of ${increase}`)
    return shares.length === 0 ? [] : [`by ${label}: ${shares.join(', ')}`]
  })
}

/** By the values of the label; series without it are left out. */
function increaseBy(label: string, series: readonly SeriesIncrease[]): Map<string, number> {
  const sums = new Map<string, number>()
  for (const { labels, increase } of series) {
    const value = labels[label]
    if (value !== undefined) sums.set(value, (sums.get(value) ?? 0) + increase)
  }
  return sums
}

function firstErrorInWords({ counted, window }: MeasuredRatio): string[] {
  const times = counted.flatMap(({ firstRiseAt }) => firstRiseAt ?? [])
  if (times.length === 0) return []
  return [`first error: scraped ${formatMilliseconds(Math.min(...times) - window.startedAt)} after the start`]
}
