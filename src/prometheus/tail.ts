import { formatMilliseconds } from '../support/quantities.ts'
import { lastRead, nameOf } from './targets.ts'
import type { WindowReading } from './window-reader.ts'

/** What targets that ended in the window may have counted after their last scrape: no server can tell. */
export interface UnseenTail {
  /** The targets that ended, and when they were last read: milliseconds since the epoch. */
  readonly targets: readonly { readonly name: string; readonly lastReadAt: number }[]
  /** The most requests that can be in no count, by what the users sent; absent where nobody knows. */
  readonly requestsAtMost?: number
  /** The most errors among them, by what the users saw. */
  readonly errorsAtMost?: number
}

/** What was counted, as far as it is known. */
export interface Counted {
  requests: number
  errors?: number
}

/**
 * The tails of the targets that ended in the window, bounded by the users' own counts where the window has them: what
 * users sent and no scrape showed.
 */
export function unseenTail({ window, ended }: WindowReading, counted?: Counted): UnseenTail | undefined {
  if (ended.length === 0) return undefined
  const targets = ended.map((target) => ({
    name: nameOf(target),
    lastReadAt: lastRead(target)?.at ?? window.startedAt,
  }))
  const { counts } = window
  if (!counts || !counted) return { targets }
  const requestsAtMost = Math.max(0, counts.completed + counts.failed - counted.requests)
  const failuresUnseen = Math.max(0, counts.failed - (counted.errors ?? 0))
  return { targets, requestsAtMost, errorsAtMost: Math.min(requestsAtMost, failuresUnseen) }
}

/** The same for people. */
export function tailNotes({ window, scrapeIntervalMs }: WindowReading, tail: UnseenTail | undefined): string[] {
  if (!tail) return []
  const each = tail.targets.map(
    ({ name, lastReadAt }) =>
      `${name} ended within the window and is counted to its last scrape, ${formatMilliseconds(lastReadAt - window.startedAt)} after the start; what it did after that is in no count (scrape interval ${formatMilliseconds(scrapeIntervalMs)})`,
  )
  const { requestsAtMost, errorsAtMost } = tail
  if (requestsAtMost === undefined) return each
  const bound = `by the users' own count, at most ${requestsAtMost} of their requests are in no count, and at most ${errorsAtMost} of those failed`
  return [...each, bound]
}
