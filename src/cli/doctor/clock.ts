import { systemClock } from '../../support/clock.ts'
import { formatMilliseconds } from '../../support/quantities.ts'
import { type Finding, note, ok, skipped } from './check.ts'

/** Clocks that are closer than this tell the same. */
const tolerableMs = 2000

/**
 * Compares the clock of a server with ours: what it said is from somewhere between the question and its answer, which
 * has just come.
 *
 * @param saidAt what its clock said, in milliseconds since the epoch
 * @param resolutionMs how coarse that is: it was cut off
 */
export function clockFinding(
  whose: string,
  sentAt: number,
  saidAt: number | undefined,
  { resolutionMs }: { resolutionMs: number },
): Finding {
  if (saidAt === undefined) return skipped(`${whose} does not say what time it is`)
  const earliest = saidAt - systemClock.now()
  const latest = saidAt + resolutionMs - sentAt
  const apartMs = earliest > 0 ? earliest : latest < 0 ? -latest : 0
  if (apartMs <= tolerableMs) return ok(`the same as that of ${whose}, as far as it tells`)
  const direction = earliest > 0 ? 'ahead of' : 'behind'
  return note(
    `the clock of ${whose} is at least ${formatMilliseconds(apartMs)} ${direction} ours: windows of Prometheus and the life of locks are told by it. Synchronise them (NTP)`,
  )
}
