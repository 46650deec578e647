import type { TimeSource } from '../../src/traffic/time.ts'

/** A time that moves when it is told to. */
export class ManualTime implements TimeSource {
  #now = 5_000
  readonly #alarms = new Set<{ at: number; wake: () => void }>()

  now(): number {
    return this.#now
  }

  wakeAfter(milliseconds: number, wake: () => void): () => void {
    const alarm = { at: this.#now + milliseconds, wake }
    this.#alarms.add(alarm)
    return () => this.#alarms.delete(alarm)
  }

  /** How many alarms are set. */
  get alarms(): number {
    return this.#alarms.size
  }

  /** Lets the time pass, with each alarm at its moment. */
  pass(milliseconds: number): void {
    const end = this.#now + milliseconds
    for (let next = this.#nextAlarm(); next && next.at <= end; next = this.#nextAlarm()) this.#ring(next)
    this.#now = end
  }

  /** Lets the time pass as in a process that is stalled: alarms ring when it is over. */
  stall(milliseconds: number): void {
    this.#now += milliseconds
    this.pass(0)
  }

  #nextAlarm() {
    return [...this.#alarms].sort((a, b) => a.at - b.at)[0]
  }

  #ring(alarm: { at: number; wake: () => void }): void {
    this.#alarms.delete(alarm)
    this.#now = Math.max(this.#now, alarm.at)
    alarm.wake()
  }
}
