import type { Scraped } from './exporter.ts'
import { type ExposedSample, readExposition } from './exposition.ts'
import { identify, metricNameLabel, type SeriesIdentity, withTargetLabels } from './labels.ts'
import { type Metadata, metadataOf } from './metadata.ts'
import { seriesLabels } from './series-text.ts'
import type { SampleSink } from './sink.ts'
import type { Target } from './target.ts'

/** How much a scrape found. */
export interface ScrapeCounts {
  readonly samples: number
  /** How many series were not there at the scrape before. */
  readonly seriesAdded: number
}

/** What is written of every scrape beside what the target exposes. */
const reportNames = [
  'up',
  'scrape_duration_seconds',
  'scrape_samples_scraped',
  'scrape_samples_post_metric_relabeling',
  'scrape_series_added',
] as const

/** A sample whose target claims that it is of a time so much later than now is left out. */
const farthestFutureMs = 10 * 60_000

/**
 * Writes what one target exposes, and what becomes of it: with the labels of the target, series of its own that say how
 * the scrape went, and a stale marker where a series is not there any more. A sample that has a time of its own is
 * taken at that time, and its series gets no stale marker: what has not changed may not be exposed again.
 */
export class ScrapeWriter {
  readonly #sink: SampleSink
  readonly #metadata: Metadata
  readonly #target: Target
  readonly #reports: readonly SeriesIdentity[]
  /** The series of the last scrape, by their text. */
  #present = new Map<string, SeriesIdentity>()
  #comments = ''

  constructor(sink: SampleSink, metadata: Metadata, target: Target) {
    this.#sink = sink
    this.#metadata = metadata
    this.#target = target
    this.#reports = reportNames.map((name) => identify({ [metricNameLabel]: name, ...target.labels }))
  }

  /** @throws ExpositionError when it is no exposition: then nothing of it was written */
  exposed({ text, format }: Scraped, at: number): ScrapeCounts {
    const { samples, comments } = readExposition(text, format)
    const identities = samples.map((sample) => this.#present.get(sample.series) ?? this.#identify(sample))
    const present = new Map<string, SeriesIdentity>()
    let seriesAdded = 0
    for (const [i, sample] of samples.entries()) {
      const identity = identities[i] as SeriesIdentity
      if (!this.#present.has(sample.series)) seriesAdded++
      if (this.#write(identity, sample, at)) present.set(sample.series, identity)
    }
    this.#replacePresent(present, at)
    this.#describe(comments)
    return { samples: samples.length, seriesAdded }
  }

  /** Nothing could be read: no series has a value any more. */
  failed(at: number): void {
    this.#replacePresent(new Map(), at)
  }

  /** How the scrape went. */
  report(up: boolean, at: number, durationMs: number, { samples, seriesAdded }: ScrapeCounts): void {
    const values = [up ? 1 : 0, durationMs / 1000, samples, samples, seriesAdded]
    for (const [i, identity] of this.#reports.entries()) this.#sink.append(identity, at, values[i] ?? 0)
  }

  /** The target is gone: so is everything of it. */
  ended(at: number): void {
    this.#replacePresent(new Map(), at)
    for (const identity of this.#reports) this.#sink.appendStale(identity, at)
  }

  /** Whether the series ends when it is not exposed any more. */
  #write(identity: SeriesIdentity, { value, at: own }: ExposedSample, at: number): boolean {
    if (own === undefined) {
      this.#sink.append(identity, at, value)
      return true
    }
    if (own <= at + farthestFutureMs) this.#sink.append(identity, own, value)
    return false
  }

  #identify({ series, line }: ExposedSample): SeriesIdentity {
    return identify(withTargetLabels(seriesLabels(series, line), this.#target.labels))
  }

  #replacePresent(present: Map<string, SeriesIdentity>, at: number): void {
    for (const [series, identity] of this.#present) {
      if (!present.has(series)) this.#sink.appendStale(identity, at)
    }
    this.#present = present
  }

  /** Targets say the same of their metrics at every scrape: it is read once. */
  #describe(comments: readonly string[]): void {
    const text = comments.join('\n')
    if (text === this.#comments) return
    this.#comments = text
    for (const [name, metadata] of metadataOf(comments)) this.#metadata.add(name, metadata)
  }
}
