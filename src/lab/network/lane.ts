import type { Socket } from 'node:net'

/** How bytes fare on their way. */
export interface Passage {
  /** Nothing arrives. */
  blocked: boolean
  /** How much later what is taken now arrives. */
  delayMs(): number
  bytesPerSecond: number
}

/** What goes over a connection, in order: bytes, the end of them, or a reset. */
type Item = { bytes: Buffer } | 'end' | 'reset'

/** What waits on a lane before its source is read no further. */
const fullBytes = 1024 * 1024
const partsPerSecond = 20

/**
 * One direction of a connection: what its source says reaches its sink in order, byte for byte, with its end or reset.
 * Where nothing holds it up it passes at once.
 */
export class Lane {
  readonly #source: () => Socket | undefined
  readonly #sink: () => Socket | undefined
  readonly #passage: Passage
  readonly #waiting: Array<{ item: Item; dueAt: number }> = []
  #waitingBytes = 0
  #lastDueAt = 0
  #timer: NodeJS.Timeout | undefined
  #sinkIsFull = false

  /** @param sink undefined: it is not there yet, and `wake` is called when it is */
  constructor(source: () => Socket | undefined, sink: () => Socket | undefined, passage: Passage) {
    this.#source = source
    this.#sink = sink
    this.#passage = passage
  }

  take(item: Item): void {
    for (const part of this.#partsOf(item)) this.#takePart(part)
  }

  #takePart(item: Item): void {
    const dueAt = this.#dueAt(item)
    if (dueAt === 0 && this.#waiting.length === 0 && this.#isOpen) {
      this.#deliver(item)
      return
    }
    this.#waiting.push({ item, dueAt })
    this.#waitingBytes += lengthOf(item)
    this.#readOrNot()
    this.wake()
  }

  /** Looks again at what waits: the passage may be another one. */
  wake(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    while (this.#isOpen) {
      const [first] = this.#waiting
      if (!first) break
      const waitMs = first.dueAt - performance.now()
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.wake(), Math.ceil(waitMs))
        break
      }
      this.#waiting.shift()
      this.#waitingBytes -= lengthOf(first.item)
      this.#deliver(first.item)
    }
    this.#readOrNot()
  }

  /** Forgets what waits: nothing more arrives. */
  stop(): void {
    clearTimeout(this.#timer)
    this.#waiting.length = 0
  }

  /** Where bytes are slow they come little by little, and not all when the last of them would. */
  #partsOf(item: Item): Item[] {
    const { bytesPerSecond } = this.#passage
    if (typeof item === 'string' || bytesPerSecond === Number.POSITIVE_INFINITY) return [item]
    const partBytes = Math.max(1, Math.floor(bytesPerSecond / partsPerSecond))
    const parts: Item[] = []
    for (let at = 0; at < item.bytes.length; at += partBytes)
      parts.push({ bytes: item.bytes.subarray(at, at + partBytes) })
    return parts
  }

  /** When it may arrive; 0: now. Bytes that one takes are taken from those after them, too. */
  #dueAt(item: Item): number {
    const delayMs = this.#passage.delayMs()
    const { bytesPerSecond } = this.#passage
    if (delayMs === 0 && bytesPerSecond === Number.POSITIVE_INFINITY) return 0
    const now = performance.now()
    const begin = Math.max(now + delayMs, this.#lastDueAt)
    this.#lastDueAt = begin + (1000 * lengthOf(item)) / bytesPerSecond
    return this.#lastDueAt
  }

  get #isOpen(): boolean {
    return !this.#passage.blocked && !this.#sinkIsFull && this.#sink() !== undefined
  }

  #deliver(item: Item): void {
    const sink = this.#sink()
    if (!sink || sink.destroyed) return
    if (item === 'end') sink.end()
    else if (item === 'reset') sink.resetAndDestroy()
    else if (!sink.write(item.bytes)) {
      this.#sinkIsFull = true
      sink.once('drain', () => {
        this.#sinkIsFull = false
        this.wake()
      })
      this.#readOrNot()
    }
  }

  #readOrNot(): void {
    const source = this.#source()
    if (this.#sinkIsFull || this.#waitingBytes > fullBytes) source?.pause()
    else if (source?.isPaused()) source.resume()
  }
}

function lengthOf(item: Item): number {
  return typeof item === 'string' ? 0 : item.bytes.length
}
