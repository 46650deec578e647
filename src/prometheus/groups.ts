import { type SeriesIncrease, sumOf } from './arithmetic.ts'
import type { MeasuredRatio, Measurement } from './measurement.ts'

/** An increase, apart by the values of a label. */
export function increaseBy(label: string, measured: Measurement): ReadonlyMap<string, Measurement> {
  const groups = Map.groupBy(measured.series, labelValue(label))
  return new Map(
    [...groups].map(([value, series]) => [value, { ...measured, ...partOf(series), value: sumOf(series) }]),
  )
}

/** A share, apart by the values of a label; without those for which nothing was counted. */
export function ratioBy(label: string, measured: MeasuredRatio): ReadonlyMap<string, MeasuredRatio> {
  const groups = [...Map.groupBy(measured.series, labelValue(label))].filter(([, series]) => sumOf(series) > 0)
  const counted = Map.groupBy(measured.counted, labelValue(label))
  return new Map(
    groups.map(([value, series]) => {
      const ofGroup = counted.get(value) ?? []
      const numerator = sumOf(ofGroup)
      const denominator = sumOf(series)
      const share = { value: numerator / denominator, numerator, denominator, counted: ofGroup }
      return [value, { ...measured, ...partOf(series), ...share }]
    }),
  )
}

function labelValue(label: string): (series: SeriesIncrease) => string {
  return ({ labels }) => labels[label] ?? ''
}

function partOf(series: readonly SeriesIncrease[]) {
  return { series, samples: series.reduce((sum, { samples }) => sum + samples, 0) }
}
