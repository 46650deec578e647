import {
  isMeasuredRatio,
  labelsInWords,
  type MeasuredRatio,
  type MeasuredSeries,
  type Measurement,
  type SeriesIncrease,
  type SeriesValues,
  seriesValuesOf,
} from '../prometheus/index.ts'
import { formatFraction, formatMilliseconds } from '../support/quantities.ts'

/** The labels that tell one part of a system from another. */
const tellingLabels = ['version', 'pod', 'instance']

/** As many series, or values of a label, as a reader takes in. */
const shownAtMost = 8

/** Why an assertion about a measurement failed, as a person would sum it up: what was wanted, what was read, and how. */
export function measurementDiagnosis(measured: Measurement, finding: string): string {
  const { query, notes } = measured
  return [
    finding,
    '',
    query,
    groundsInWords(measured),
    ...detailsInWords(measured),
    ...notes.map((note) => `note: ${note}`),
    ...traceInWords(measured),
  ].join('\n')
}

/** `106 of 199 (53.3 %)` */
export function shareInWords({ numerator, denominator, value }: MeasuredRatio): string {
  return `${numerator} of ${denominator} (${formatFraction(value)})`
}

/** `queue_length{pod="a"}` */
export function seriesInWords({ labels }: MeasuredSeries): string {
  return Object.keys(labels).length === 0 ? 'the query' : labelsInWords(labels)
}

function groundsInWords({ window: { startedAt, endedAt }, scrapeIntervalMs, samples, series }: Measurement): string {
  const length = formatMilliseconds(endedAt - startedAt)
  const from = new Date(startedAt).toISOString()
  const until = new Date(endedAt).toISOString()
  return `in ${length} (${from} to ${until}), scraped every ${formatMilliseconds(scrapeIntervalMs)}: ${samples} samples of ${series.length} series`
}

function detailsInWords(measured: Measurement): string[] {
  if (isMeasuredRatio(measured)) {
    return [...sharesInWords(measured), ...phasesInWords(measured), ...firstErrorInWords(measured)]
  }
  const values = seriesValuesOf(measured)
  return values ? valuesInWords(values) : increasesInWords(measured)
}

function sharesInWords({ series, counted }: MeasuredRatio): string[] {
  return byEachLabel(series, (label) => {
    const errors = increaseBy(label, counted)
    return (value, increase) => `${value} ${errors.get(value) ?? 0} of ${increase}`
  })
}

function increasesInWords({ series }: Measurement): string[] {
  const increases = series.filter((each): each is SeriesIncrease => 'increase' in each)
  return byEachLabel(increases, () => (value, increase) => `${value} ${increase}`)
}

function byEachLabel(
  series: readonly SeriesIncrease[],
  wordsFor: (label: string) => (value: string, increase: number) => string,
): string[] {
  const lines = tellingLabels.flatMap((label) => {
    const all = [...increaseBy(label, series)]
    const words = all.slice(0, shownAtMost).map(([value, increase]) => wordsFor(label)(value, increase))
    const more = all.length > shownAtMost ? `, and ${all.length - shownAtMost} more` : ''
    return all.length === 0 ? [] : [{ label, line: `by ${label}: ${words.join(', ')}${more}` }]
  })
  const hasPods = lines.some(({ label }) => label === 'pod')
  return lines.filter(({ label }) => !(label === 'instance' && hasPods)).map(({ line }) => line)
}

function valuesInWords(values: readonly SeriesValues[]): string[] {
  const lines = values.slice(0, shownAtMost).map((each) => {
    const { first, last, min, max } = each
    return `${seriesInWords(each)}: ${first.value} to ${last.value}, lowest ${min}, highest ${max}`
  })
  return values.length > shownAtMost ? [...lines, `and ${values.length - shownAtMost} more`] : lines
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

function phasesInWords({ phases }: MeasuredRatio): string[] {
  if (phases.length === 0) return []
  const each = phases.map(({ phase, numerator, denominator }) => `${phase} ${numerator} of ${denominator}`)
  return [`by phase: ${each.join(', ')}`]
}

function firstErrorInWords({ counted, window }: MeasuredRatio): string[] {
  const times = counted.flatMap(({ firstRiseAt }) => firstRiseAt ?? [])
  if (times.length === 0) return []
  const first = Math.min(...times)
  return [
    `first error: scraped ${formatMilliseconds(first - window.startedAt)} after the start (${new Date(first).toISOString()})`,
  ]
}

function traceInWords({ trace }: Measurement): string[] {
  return trace ? [`trace: ${trace.link ?? trace.id}`] : []
}
