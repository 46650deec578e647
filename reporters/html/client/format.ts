import { formatMilliseconds } from '../../../src/support/quantities.ts'

/** A length of time as short as a span needs it: `312 µs`, `4.81 ms`, `1.24 s`. */
export function formatMicroseconds(microseconds: number): string {
  if (microseconds === 0) return '0'
  if (microseconds < 1000) return `${Math.round(microseconds)} µs`
  const milliseconds = microseconds / 1000
  if (milliseconds < 1000) return `${Number(milliseconds.toPrecision(3))} ms`
  if (milliseconds < 60_000) return `${Number((milliseconds / 1000).toPrecision(3))} s`
  return formatMilliseconds(milliseconds)
}

/** A time on the axis of a hypothesis: `+12.3 s`, `−2.5 s`. */
export function formatOffset(milliseconds: number): string {
  const sign = milliseconds < 0 ? '−' : '+'
  return `${sign}${(Math.abs(milliseconds) / 1000).toFixed(1)} s`
}

export function formatCount(number: number): string {
  return number.toLocaleString('en-US')
}

/** `1 span`, `2 spans`. */
export function countOf(number: number, noun: string, plural = `${noun}s`): string {
  return `${formatCount(number)} ${number === 1 ? noun : plural}`
}

const dates = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'medium' })

/** A time of day where the reader is. */
export function formatDate(milliseconds: number): string {
  return dates.format(milliseconds)
}

/** A time of day, to the millisecond, in UTC: to look for in logs. */
export function formatInstant(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}
