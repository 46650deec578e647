import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { type Clock, systemClock } from '../../support/clock.ts'
import type { Stored } from '../client/index.ts'
import { Metadata } from './metadata.ts'
import { ScrapeWriter } from './scrape.ts'
import type { SampleSink } from './sink.ts'
import { targetOf } from './target.ts'
import { type ScrapeTimings, TargetScraper } from './target-scraper.ts'

/**
 * Scrapes the pods that ask for it. Told of the changes of pods, it starts and ends the scraping of each.
 */
export class Scraper {
  readonly timings: ScrapeTimings
  /** What the targets say of their metrics. */
  readonly metadata = new Metadata()
  readonly #sink: SampleSink
  readonly #clock: Clock
  /** By the UID of the pod. */
  readonly #scrapers = new Map<string, TargetScraper>()
  readonly #stopping = new Set<Promise<void>>()

  constructor(sink: SampleSink, timings: ScrapeTimings, clock: Clock = systemClock) {
    this.#sink = sink
    this.timings = timings
    this.#clock = clock
  }

  /** The change handler of an informer of pods. */
  podChanged(old: Stored<Pod> | undefined, pod: Stored<Pod> | undefined): void {
    if (old && old.metadata.uid !== pod?.metadata.uid) this.#drop(old.metadata.uid)
    if (!pod) return
    const { uid, deletionTimestamp } = pod.metadata
    const target = targetOf(pod)
    if (this.#scrapers.get(uid)?.target.id !== target?.id) {
      this.#drop(uid)
      if (target && !deletionTimestamp) {
        this.#scrapers.set(
          uid,
          new TargetScraper(target, new ScrapeWriter(this.#sink, this.metadata, target), this.timings, this.#clock),
        )
      }
    }
    if (deletionTimestamp && !old?.metadata.deletionTimestamp) this.#scrapers.get(uid)?.ending()
  }

  targets(): TargetScraper[] {
    return [...this.#scrapers.values()]
  }

  async stop(): Promise<void> {
    for (const uid of [...this.#scrapers.keys()]) this.#drop(uid)
    await Promise.all(this.#stopping)
  }

  #drop(uid: string): void {
    const scraper = this.#scrapers.get(uid)
    if (!scraper) return
    this.#scrapers.delete(uid)
    const stopping: Promise<void> = scraper.stop().finally(() => this.#stopping.delete(stopping))
    this.#stopping.add(stopping)
  }
}
