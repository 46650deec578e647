import type { TimeSource } from './time.ts'

/** What decides when requests are sent: an open loop (`pacer.ts`) or a closed one (`closed-loop.ts`). */
export interface Pace {
  /** How many requests were planned until now, or until the end. */
  readonly planned: number
  readonly elapsedMs: number
  /** @param endMs what `endAt` would be told, where it is known: then the plan is exact, however late this is called */
  start(endMs?: number): void
  /** Plans no request at or after that time since the start (at the earliest: now). What was planned stays planned. */
  endAt(elapsedMs: number): void
  /** Sends nothing more: what is planned until now and was not sent is dropped. */
  cancel(): void
  /** A request that was sent has just ended. `answered`: with a complete answer, whatever it says. */
  requestEnded(answered: boolean, elapsedMs: number): void
}

export interface PaceListener {
  time: TimeSource
  /** When the schedule begins, by that time. @default now */
  startMs?: number
  /** Sends the request planned at that time, now (both in milliseconds since the start). Its end is told to `requestEnded`. */
  send(plannedMs: number, elapsedMs: number): void
  /** Counts the request planned at that time as dropped. */
  drop(plannedMs: number): void
  /** Called once: all planned requests were sent and have ended, or were dropped. */
  finished(): void
}
