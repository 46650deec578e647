import { exposedSamples, seriesLabels } from './exposition.ts'
import { identify, metricNameLabel, type SeriesIdentity, withTargetLabels } from './labels.ts'
import type { Storage } from './storage.ts'
import type { Target } from './target.ts'

/**
 * Writes what one target exposes, and what becomes of it, into the storage: with the labels of the target, its own
 * series `up` and `scrape_duration_seconds`, and a stale marker where a series is not there any more.
 */
export class ScrapeWriter {
  readonly #storage: Storage
  readonly #target: Target
  readonly #up: SeriesIdentity
  readonly #duration: SeriesIdentity
  /** The series of the last scrape, by their text. */
  #present = new Map<string, SeriesIdentity>()

  constructor(storage: Storage, target: Target) {
    this.#storage = storage
    this.#target = target
    this.#up = identify({ [metricNameLabel]: 'up', ...target.labels })
    this.#duration = identify({ [metricNameLabel]: 'scrape_duration_seconds', ...target.labels })
  }

  /** @throws ExpositionError when it is no exposition: then nothing of it was written */
  exposed(text: string, at: number): void {
    const present = new Map<string, SeriesIdentity>()
    const samples = exposedSamples(text).map(({ series, value }) => {
      const identity = this.#present.get(series) ?? this.#identify(series)
      present.set(series, identity)
      return { identity, value }
    })
    for (const { identity, value } of samples) this.#storage.append(identity, at, value)
    this.#replacePresent(present, at)
  }

  /** Nothing could be read: no series has a value any more. */
  failed(at: number): void {
    this.#replacePresent(new Map(), at)
  }

  /** How the scrape went. */
  report(up: boolean, at: number, durationMs: number): void {
    this.#storage.append(this.#up, at, up ? 1 : 0)
    this.#storage.append(this.#duration, at, durationMs / 1000)
  }

  /** The target is gone: so is everything of it. */
  ended(at: number): void {
    this.#replacePresent(new Map(), at)
    for (const identity of [this.#up, this.#duration]) this.#storage.appendStale(identity, at)
  }

  #identify(series: string): SeriesIdentity {
    return identify(withTargetLabels(seriesLabels(series), this.#target.labels))
  }

  #replacePresent(present: Map<string, SeriesIdentity>, at: number): void {
    for (const [series, identity] of this.#present) {
      if (!present.has(series)) this.#storage.appendStale(identity, at)
    }
    this.#present = present
  }
}
