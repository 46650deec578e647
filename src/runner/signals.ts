import { monotonicClock } from '../support/clock.ts'
import { parentOf } from '../support/processes.ts'

/** What the signals that a person or a CI sends come to. */
export interface SignalActions {
  /** The first: stop the experiments and roll back. */
  cancel(signal: NodeJS.Signals): void
  /** The second: kill the workers, and roll back in their place. */
  kill(): void
  /** The third: leave at once; the guardian does the rest. */
  leave(signal: NodeJS.Signals): void
}

/** npm passes SIGINT on to a process that the terminal has sent it to as well: within this time they are one. */
const sameSignalMs = 1000

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Takes the signals of the process into our hands.
 *
 * @returns a function that gives them back
 */
export function watchSignals(actions: SignalActions, clock = monotonicClock): () => void {
  let count = 0
  let lastAt = 0
  const hear = (signal: NodeJS.Signals) => {
    const now = clock.now()
    if (count > 0 && now - lastAt < sameSignalMs) return
    lastAt = now
    count += 1
    if (count === 1) actions.cancel(signal)
    else if (count === 2) actions.kill()
    else actions.leave(signal)
  }
  for (const signal of signals) process.on(signal, hear)
  const orphaned = watchParent(() => hear('SIGTERM'))
  return () => {
    for (const signal of signals) process.off(signal, hear)
    clearInterval(orphaned)
  }
}

/**
 * npx dies of a signal without passing it on, and leaves the command, or the shell that it has started the command in,
 * with another parent.
 */
function watchParent(onOrphaned: () => void): NodeJS.Timeout | undefined {
  if (!process.env.npm_command) return undefined
  const ancestors = () => `${process.ppid} ${parentOf(process.ppid)}`
  const atStart = ancestors()
  const timer = setInterval(() => {
    if (ancestors() === atStart) return
    clearInterval(timer)
    onOrphaned()
  }, 250)
  timer.unref()
  return timer
}
