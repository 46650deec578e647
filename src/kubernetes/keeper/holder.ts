import { hostname, userInfo } from 'node:os'

/** How a run signs what it holds, for people: `2026-03-01T09-30-00-4f2a (alice on build-7)`. */
export function holderOf(run: string): string {
  return `${run} (${userName()} on ${hostname()})`
}

/** The run that a holder is. */
export function runOf(holder: string): string {
  return holder.split(' ', 1)[0] ?? holder
}

/** A user of a container may have a number and no name. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return `user ${process.getuid?.() ?? 'unknown'}`
  }
}
