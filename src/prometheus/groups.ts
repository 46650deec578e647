import { type SeriesIncrease, sumOf } from './arithmetic.ts'
import { type MeasuredRatio, type Measurement, ratioOf, samplesOf } from './measurement.ts'

/** An increase, apart by the values of a label. */
export function increaseBy(
  label: string,
  measured: Measurement<SeriesIncrease>,
): ReadonlyMap<string, Measurement<SeriesIncrease>> {
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
      const ratio = ratioOf(counted.get(value) ?? [], series)
      return [value, { ...measured, ...partOf(series), ...ratio, phases: [] }]
    }),
  )
}

function labelValue(label: string): (series: SeriesIncrease) => string {
  return ({ labels }) => labels[label] ?? ''
}

function partOf(series: readonly SeriesIncrease[]) {
  return { series, samples: samplesOf(series) }
}
