import { systemClock } from '../support/clock.ts'

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
export function watchSignals(actions: SignalActions, clock = systemClock): () => void {
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

/** npx dies of a SIGTERM without passing it on: the command then has another parent. */
function watchParent(onOrphaned: () => void): NodeJS.Timeout | undefined {
  if (!process.env.npm_command) return undefined
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    onOrphaned()
  }, 250)
  timer.unref()
  return timer
}
