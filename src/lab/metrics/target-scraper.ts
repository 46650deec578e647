import type { Clock } from '../../support/clock.ts'
import { messageOf } from '../../support/errors.ts'
import { Exporter } from './exporter.ts'
import type { ScrapeCounts, ScrapeWriter } from './scrape.ts'
import type { Target } from './target.ts'

export interface ScrapeTimings {
  intervalMs: number
  timeoutMs: number
}

/** How the scrapes of a target go. */
export interface TargetHealth {
  health: 'up' | 'down' | 'unknown'
  /** Why the last scrape failed; empty when it did not. */
  lastError: string
  /** Milliseconds since the epoch; 0 before the first. */
  lastScrapeAt: number
  lastDurationMs: number
}

/** Scrapes one target at a fixed rate, at a phase of its own: the targets of an interval are not scraped all at once. */
export class TargetScraper {
  readonly target: Target
  readonly #writer: ScrapeWriter
  readonly #exporter: Exporter
  readonly #intervalMs: number
  readonly #clock: Clock
  readonly #ended = new AbortController()
  readonly #running: Promise<void>
  #nap = new AbortController()
  #atOnce = false
  #lastChance = false
  #health: TargetHealth = { health: 'unknown', lastError: '', lastScrapeAt: 0, lastDurationMs: 0 }

  constructor(target: Target, writer: ScrapeWriter, timings: ScrapeTimings, clock: Clock) {
    this.target = target
    this.#writer = writer
    this.#exporter = new Exporter(target, timings.timeoutMs)
    this.#intervalMs = timings.intervalMs
    this.#clock = clock
    this.#running = this.#run()
  }

  get health(): TargetHealth {
    return this.#health
  }

  /**
   * The target is about to end: it is scraped once more at once, and then as before for as long as it answers. That it
   * stops to answer is its end and no fault.
   */
  ending(): void {
    this.#lastChance = true
    this.#atOnce = true
    this.#nap.abort()
  }

  /** Ends its series. A scrape under way is dropped. */
  async stop(): Promise<void> {
    this.#ended.abort()
    this.#exporter.close()
    await this.#running
  }

  async #run(): Promise<void> {
    const { signal } = this.#ended
    await this.#sleep(phaseOf(this.target.id, this.#intervalMs))
    while (!signal.aborted) {
      const answered = await this.#scrape()
      if (!answered && this.#lastChance) break
      await this.#sleep(this.#untilNext())
    }
    this.#writer.ended(this.#clock.now())
  }

  async #scrape(): Promise<boolean> {
    this.#atOnce = false
    const at = this.#clock.now()
    const started = performance.now()
    const { lastError, counts } = await this.#readInto(at)
    const durationMs = performance.now() - started
    const answered = lastError === ''
    this.#health = { health: answered ? 'up' : 'down', lastError, lastScrapeAt: at, lastDurationMs: durationMs }
    if (!answered && (this.#ended.signal.aborted || this.#lastChance)) return false
    if (!answered) this.#writer.failed(at)
    this.#writer.report(answered, at, durationMs, counts)
    return answered
  }

  /** What went wrong, empty when nothing did, and how much was found. */
  async #readInto(at: number): Promise<{ lastError: string; counts: ScrapeCounts }> {
    try {
      return { lastError: '', counts: this.#writer.exposed(await this.#exporter.read(), at) }
    } catch (error) {
      return { lastError: messageOf(error) || 'the target did not answer', counts: { samples: 0, seriesAdded: 0 } }
    }
  }

  #untilNext(): number {
    const phase = phaseOf(this.target.id, this.#intervalMs)
    const now = this.#clock.now()
    return this.#intervalMs - ((now - phase) % this.#intervalMs)
  }

  /** Ends early when the target is to be scraped at once, or no more. */
  async #sleep(milliseconds: number): Promise<void> {
    if (this.#atOnce) return
    this.#nap = new AbortController()
    const signal = AbortSignal.any([this.#nap.signal, this.#ended.signal])
    await this.#clock.sleep(milliseconds, signal).catch(() => {})
  }
}

/** Always the same for a target, and spread over the interval for many. (FNV-1a.) */
function phaseOf(id: string, intervalMs: number): number {
  let hash = 0x811c9dc5
  for (const character of id) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0
  return hash % intervalMs
}
