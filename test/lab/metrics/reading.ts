import type { SourceSeries } from '../../../src/lab/metrics/promql/source.ts'
import type { Sample } from '../../../src/lab/metrics/samples.ts'

/** The value that counts at a time, if it is newer than `after`. */
export function valueAt(series: SourceSeries | undefined, at: number, after: number): number | undefined {
  const cursor = series?.cursor()
  return cursor?.moveTo(at, after) ? cursor.value : undefined
}

/** The samples of a time, left-open. */
export function samplesBetween(series: SourceSeries, after: number, until: number): Sample[] {
  const most = series.countSamples(after, until)
  const samples = { times: new Float64Array(most), values: new Float64Array(most) }
  const count = series.copySamples(after, until, samples, 0)
  return Array.from(samples.times.subarray(0, count), (at, i) => ({ at, value: samples.values[i] ?? Number.NaN }))
}
