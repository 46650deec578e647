import { appendFileSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '../support/errors.ts'
import { writeFileAtomically } from '../support/files.ts'
import type { ChaosEvent } from './events.ts'
import { type RedactOptions, redact } from './redact.ts'
import { readRules, redactionBy } from './redaction.ts'
import { runPaths } from './runs.ts'
import { LineTail } from './tail.ts'

export type EventListener = (event: ChaosEvent) => void

export interface EventTailOptions {
  /** What must not become public. @default what the run has kept for whoever ends it in the place of its command */
  redaction?: RedactOptions
  /** How often the logs are looked at: 100 ms unless told. */
  intervalMs?: number
}

/** The types of events that become public: a record of any other kind stays in its log. */
const publicTypes: Record<ChaosEvent['type'], true> = {
  'run-started': true,
  'run-ended': true,
  'file-started': true,
  'file-ended': true,
  'hypothesis-started': true,
  'hypothesis-ended': true,
  'phase-started': true,
  'phase-ended': true,
  'steady-state-checked': true,
  'action-planned': true,
  'action-started': true,
  'action-ended': true,
  'action-progress': true,
  'readiness-seen': true,
  'undo-ended': true,
  'traffic-started': true,
  'traffic-progress': true,
  'traffic-ended': true,
  'prometheus-read': true,
  'permission-used': true,
  finding: true,
  'worker-died': true,
  interrupted: true,
  notice: true,
}

/**
 * Merges the logs of a run into its `events.ndjson` while they are written, and hands each event to listeners.
 *
 * Only public events go out, redacted. The events of one log keep their order; those of several are ordered by their
 * time as far as they had been written when they were read. The merge begins anew each time, from the logs alone: it can
 * be repeated after a crash.
 *
 * @example
 * const tail = new EventTail(runFolder)
 * tail.onEvent((event) => terminal.onEvent(event))
 * tail.start()
 * …
 * tail.stop()
 */
export class EventTail {
  readonly #logs: string
  readonly #events: string
  readonly #intervalMs: number
  readonly #redaction: RedactOptions
  readonly #tails = new Map<string, LogTail>()
  readonly #listeners = new Set<EventListener>()
  #timer: NodeJS.Timeout | undefined
  #stopped = false
  #writable = true

  constructor(runFolder: string, options: EventTailOptions = {}) {
    const paths = runPaths(runFolder)
    this.#logs = paths.logs
    this.#events = paths.events
    this.#intervalMs = options.intervalMs ?? 100
    this.#redaction = options.redaction ?? redactionBy(readRules(runFolder))
    writeFileAtomically(paths.events, '')
  }

  /**
   * Calls the listener with each event from now on. One that throws is not called again, and a notice tells why: what
   * shows a run must not break it.
   */
  onEvent(listener: EventListener): void {
    this.#listeners.add(listener)
  }

  /** Follows the logs until `stop`. It does not keep the process alive. */
  start(): void {
    this.#timer ??= setInterval(() => this.read(), this.#intervalMs).unref()
  }

  /** Reads what has been written up to now. */
  read(): void {
    if (this.#stopped) return
    this.#findLogs()
    this.#publish(inOrder([...this.#tails.values()].map((tail) => tail.read())))
  }

  /** Reads what has been written up to now and ends. */
  stop(): void {
    clearInterval(this.#timer)
    this.read()
    this.#stopped = true
    for (const tail of this.#tails.values()) tail.close()
    this.#tails.clear()
  }

  #findLogs(): void {
    if (!existsSync(this.#logs)) return
    for (const name of readdirSync(this.#logs)) {
      if (!name.endsWith('.ndjson') || this.#tails.has(name)) continue
      this.#tails.set(name, new LogTail(join(this.#logs, name), this.#redaction))
    }
  }

  #publish(events: readonly ChaosEvent[]): void {
    const problems = this.#keep(events)
    for (const event of [...events, ...problems]) this.#publish(this.#tell(event))
  }

  /** Appends to the file. When that fails, the listeners are still told, and told why: a full disk must not end a run. */
  #keep(events: readonly ChaosEvent[]): ChaosEvent[] {
    const latest = events.at(-1)
    if (!latest || !this.#writable) return []
    try {
      appendFileSync(this.#events, events.map((event) => `${JSON.stringify(event)}\n`).join(''))
      return []
    } catch (error) {
      this.#writable = false
      const message = `Events are no longer written to ${this.#events}: ${messageOf(error)}`
      return [{ type: 'notice', at: latest.at, message }]
    }
  }

  /** Calls the listeners; what they broke comes back as notices. */
  #tell(event: ChaosEvent): ChaosEvent[] {
    const notices: ChaosEvent[] = []
    for (const listener of this.#listeners) {
      try {
        listener(event)
      } catch (error) {
        this.#listeners.delete(listener)
        notices.push({ type: 'notice', at: event.at, message: `A listener failed at an event: ${messageOf(error)}` })
      }
    }
    return notices
  }
}

/** The public events of one log, in the order in which they were written. */
class LogTail {
  readonly #lines: LineTail
  readonly #redaction: RedactOptions
  #latest = 0

  constructor(path: string, redaction: RedactOptions) {
    this.#lines = new LineTail(path)
    this.#redaction = redaction
  }

  /** The new events, each with a time to sort by that never goes back, as the clock may. */
  read(): TimedEvent[] {
    const timed: TimedEvent[] = []
    for (const line of this.#lines.read()) {
      const event = publicEvent(line, this.#redaction)
      if (!event) continue
      this.#latest = Math.max(this.#latest, event.at)
      timed.push({ event, order: this.#latest })
    }
    return timed
  }

  close(): void {
    this.#lines.close()
  }
}

interface TimedEvent {
  event: ChaosEvent
  order: number
}

function inOrder(logs: readonly (readonly TimedEvent[])[]): ChaosEvent[] {
  return logs
    .flat()
    .sort((a, b) => a.order - b.order)
    .map(({ event }) => event)
}

/** The events of a run, as they were published. */
export function readEvents(runFolder: string): ChaosEvent[] {
  const { events } = runPaths(runFolder)
  if (!existsSync(events)) return []
  return readFileSync(events, 'utf8')
    .split('\n')
    .map(parse)
    .filter((record) => isPublic(record))
}

/** The public form of a line of a log; nothing for a private record, a torn line or an unknown type. */
function publicEvent(line: string, redaction: RedactOptions): ChaosEvent | undefined {
  const record = parse(line)
  if (!isPublic(record)) return undefined
  const shown: unknown = redact(record, redaction)
  return isPublic(shown) ? shown : undefined
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

function isPublic(record: unknown): record is ChaosEvent {
  if (typeof record !== 'object' || record === null || 'record' in record) return false
  if (!('at' in record) || typeof record.at !== 'number') return false
  return 'type' in record && typeof record.type === 'string' && Object.hasOwn(publicTypes, record.type)
}
