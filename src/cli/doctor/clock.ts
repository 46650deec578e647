import { formatMilliseconds } from '../../support/quantities.ts'
import { type Finding, note, ok, skipped } from './check.ts'

/** Clocks that are closer than this tell the same. */
const tolerableMs = 2000

/** What a server said of the time, and when. All in milliseconds since the epoch. */
export interface ClockReading {
  /** When it was asked, and when its answer was there, by our clock. */
  sentAt: number
  receivedAt: number
  /** What its clock said; undefined: nothing. */
  saidAt: number | undefined
  /** How coarse that is: it was cut off. */
  resolutionMs: number
}

/** Compares the clock of a server with ours: what it said is from somewhere between the question and its answer. */
export function clockFinding(whose: string, { sentAt, receivedAt, saidAt, resolutionMs }: ClockReading): Finding {
  if (saidAt === undefined) return skipped(`${whose} does not say what time it is`)
  const earliest = saidAt - receivedAt
  const latest = saidAt + resolutionMs - sentAt
  const apartMs = earliest > 0 ? earliest : latest < 0 ? -latest : 0
  if (apartMs <= tolerableMs) return ok(`the same as that of ${whose}, as far as it tells`)
  const direction = earliest > 0 ? 'ahead of' : 'behind'
  return note(
    `the clock of ${whose} is at least ${formatMilliseconds(apartMs)} ${direction} ours: windows of Prometheus and the life of locks are told by it. Synchronise them (NTP)`,
  )
}
