import { Agent, request } from 'node:http'
import { type Clock, systemClock } from '../../../support/clock.ts'
import { messageOf } from '../../../support/errors.ts'
import { readBody } from '../../http/body.ts'
import { answerTo } from '../../http/request.ts'
import type { SeriesIdentity } from '../labels.ts'
import type { SampleSink } from '../sink.ts'
import { type OutgoingSample, writeRequest } from './write-request.ts'

/** How many samples wait at most: of a Prometheus that does not answer, the oldest are given up. */
const mostWaiting = 1_000_000
const retryAfterMs = 100
const timeoutMs = 10_000
const largestAnswerBytes = 1024 * 1024

/** The Prometheus took the request and refused what is in it. */
class RefusedWrite extends Error {}

/**
 * Pushes samples to a Prometheus by remote write, those of a scrape together, in the order that they come in. What it
 * cannot take now is sent again; a sample that it refuses is left out, and said.
 */
export class RemoteWriter implements SampleSink {
  readonly #url: URL
  readonly #clock: Clock
  readonly #onRefused: (message: string) => void
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 })
  readonly #closing = new AbortController()
  #waiting: OutgoingSample[] = []
  #sending: Promise<void> | undefined

  /** @param baseUrl of a Prometheus that was started with `--web.enable-remote-write-receiver` */
  constructor(baseUrl: string, onRefused: (message: string) => void, clock: Clock = systemClock) {
    this.#url = new URL('/api/v1/write', baseUrl)
    this.#onRefused = onRefused
    this.#clock = clock
  }

  append(identity: SeriesIdentity, at: number, value: number): void {
    this.#enqueue({ identity, at, value })
  }

  appendStale(identity: SeriesIdentity, at: number): void {
    this.#enqueue({ identity, at, value: 'stale' })
  }

  /** Resolves when everything that was appended has arrived, or was refused. */
  async flushed(): Promise<void> {
    while (this.#sending) await this.#sending
  }

  /** Gives up what could not be sent yet. */
  async close(): Promise<void> {
    this.#closing.abort()
    this.#agent.destroy()
    await this.flushed()
  }

  #enqueue(sample: OutgoingSample): void {
    if (this.#closing.signal.aborted) return
    if (this.#waiting.length >= mostWaiting) this.#waiting.splice(0, mostWaiting / 10)
    this.#waiting.push(sample)
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined
    })
  }

  async #sendAll(): Promise<void> {
    // What is appended together is sent together.
    await Promise.resolve()
    while (this.#waiting.length > 0 && !this.#closing.signal.aborted) {
      const batch = this.#waiting
      this.#waiting = []
      await this.#deliver(batch)
    }
  }

  /** One sample that is refused makes Prometheus refuse them all: the others are sent without it. */
  async #deliver(batch: readonly OutgoingSample[]): Promise<void> {
    try {
      await this.#postUntilAnswered(writeRequest(batch))
    } catch (error) {
      if (!(error instanceof RefusedWrite)) return
      if (batch.length === 1) return this.#onRefused(messageOf(error))
      const middle = batch.length >> 1
      await this.#deliver(batch.slice(0, middle))
      await this.#deliver(batch.slice(middle))
    }
  }

  /** @throws RefusedWrite; the reason of the end when it is closed */
  async #postUntilAnswered(body: Buffer): Promise<void> {
    for (;;) {
      this.#closing.signal.throwIfAborted()
      try {
        return await this.#post(body)
      } catch (error) {
        if (error instanceof RefusedWrite) throw error
        await this.#clock.sleep(retryAfterMs, this.#closing.signal)
      }
    }
  }

  async #post(body: Buffer): Promise<void> {
    const sent = request(this.#url, {
      method: 'POST',
      agent: this.#agent,
      signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), this.#closing.signal]),
      headers: {
        'content-type': 'application/x-protobuf',
        'content-encoding': 'snappy',
        'content-length': body.length,
        'x-prometheus-remote-write-version': '0.1.0',
      },
    })
    const answer = await answerTo(sent, body)
    const said = (await readBody(answer, largestAnswerBytes)).toString().trim()
    const { statusCode = 0 } = answer
    if (statusCode >= 200 && statusCode < 300) return
    if (statusCode >= 400 && statusCode < 500 && statusCode !== 429) throw new RefusedWrite(said)
    throw new Error(`status ${statusCode}: ${said}`)
  }
}
