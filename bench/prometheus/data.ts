import { identify, type SeriesIdentity } from '../../src/lab/metrics/labels.ts'
import type { SampleSink } from '../../src/lab/metrics/sink.ts'

/** How many series there are, and samples of each: one a second. */
export const seriesCount = 480
export const samplesPerSeries = 600

/** Counters of 12 pods, each with 8 paths and 5 codes. */
const series: readonly SeriesIdentity[] = Array.from({ length: seriesCount }, (_, i) =>
  identify({
    __name__: 'http_requests_total',
    job: 'kubernetes-pods',
    namespace: 'shop',
    node: 'lab-node-1',
    pod: `web-${Math.floor(i / 40)}`,
    instance: `198.18.64.${10 + Math.floor(i / 40)}:8080`,
    path: `/path-${Math.floor(i / 5) % 8}`,
    code: ['200', '201', '404', '500', '503'][i % 5] ?? '',
  }),
)

/** Writes the samples of the time before `endMs`. */
export function writeSamples(sink: SampleSink, endMs: number): void {
  for (let second = 0; second < samplesPerSeries; second++) {
    const at = endMs - (samplesPerSeries - 1 - second) * 1000
    for (const [i, identity] of series.entries()) sink.append(identity, at, second * (1 + (i % 7)))
  }
}
