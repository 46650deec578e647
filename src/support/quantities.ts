import { usageError } from './errors.ts'

/** A length of time as people write it, or a number of milliseconds. */
export type Duration = number | `${number}ms` | `${number}s` | `${number}m` | `${number}h`

/** An arrival rate as people write it: events per second, minute or hour. */
export type Rate = `${number}/s` | `${number}/m` | `${number}/h`

/** How many bytes pass in a second, as people write it. */
export type ByteRate = `${number}B/s` | `${number}kB/s` | `${number}MB/s`

/** A share as people write it, or a number between 0 and 1. */
export type Ratio = number | `${number}%`

const millisecondsPer = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const

/** The milliseconds of a duration. @throws CHAOS_BAD_DURATION (usage) */
export function toMilliseconds(duration: Duration): number {
  const match = typeof duration === 'string' ? /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(duration.trim()) : null
  const milliseconds = match ? Number(match[1]) * millisecondsPer[match[2] as keyof typeof millisecondsPer] : duration
  if (typeof milliseconds !== 'number' || !Number.isFinite(milliseconds) || milliseconds < 0) {
    throw usageError('CHAOS_BAD_DURATION', `"${duration}" is not a duration. Write it as '250ms', '20s', '5m' or '1h'.`)
  }
  return milliseconds
}

/** The events per second of a rate. @throws CHAOS_BAD_RATE (usage) */
export function toPerSecond(rate: Rate): number {
  const match = /^(\d+(?:\.\d+)?)\/(s|m|h)$/.exec(rate.trim())
  const perSecond = match ? (Number(match[1]) * 1000) / millisecondsPer[match[2] as 's' | 'm' | 'h'] : 0
  if (!(perSecond > 0)) {
    throw usageError('CHAOS_BAD_RATE', `"${rate}" is not an arrival rate. Write it as '10/s', '600/m' or '3600/h'.`)
  }
  return perSecond
}

const bytesPer = { B: 1, kB: 1000, MB: 1_000_000 } as const

/** The bytes per second of a rate. @throws CHAOS_BAD_RATE (usage) */
export function toBytesPerSecond(rate: ByteRate): number {
  const match = /^(\d+(?:\.\d+)?)(B|kB|MB)\/s$/.exec(rate.trim())
  const bytesPerSecond = match ? Math.round(Number(match[1]) * bytesPer[match[2] as keyof typeof bytesPer]) : 0
  if (bytesPerSecond >= 1) return bytesPerSecond
  throw usageError('CHAOS_BAD_RATE', `"${rate}" is not a rate of bytes. Write it as '500B/s', '64kB/s' or '1MB/s'.`)
}

/** The fraction (0 to 1) of a ratio. @throws CHAOS_BAD_RATIO (usage) */
export function toFraction(ratio: Ratio): number {
  const match = typeof ratio === 'number' ? null : /^(\d+(?:\.\d+)?)%$/.exec(ratio.trim())
  const fraction = match ? Number(match[1]) / 100 : ratio
  if (typeof fraction !== 'number' || !(fraction >= 0 && fraction <= 1)) {
    throw usageError('CHAOS_BAD_RATIO', `"${ratio}" is not a share. Write it as '1%', or as a number between 0 and 1.`)
  }
  return fraction
}

/** The fewest events among which a share can show as one: 100 for 1 %, and any one for a share of 0. */
export function fewestToShow(share: number): number {
  return share === 0 ? 1 : Math.ceil(Number((1 / share).toFixed(6)))
}

/** A duration for people: `850 ms`, `7.2 s`, `5 min 3 s`. */
export function formatMilliseconds(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`
  if (milliseconds < 60_000) return `${Number((milliseconds / 1000).toFixed(1))} s`
  const seconds = Math.round(milliseconds / 1000)
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

/** A fraction for people: `0 %`, `0.07 %`, `53.3 %`. */
export function formatFraction(fraction: number): string {
  return `${Number((fraction * 100).toPrecision(3))} %`
}
