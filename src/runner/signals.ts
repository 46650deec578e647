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
  const orphaned = watchAncestors(() => hear('SIGTERM'))
  return () => {
    for (const signal of signals) process.off(signal, hear)
    clearInterval(orphaned)
  }
}

/**
 * Who dies of a signal without passing it on leaves the command, or what it has started the command in, with another
 * parent. npx does; so does the shell of a step on GitHub, which is all that a cancelled job signals.
 */
function watchAncestors(onOrphaned: () => void): NodeJS.Timeout | undefined {
  const { GITHUB_ACTIONS, npm_command } = process.env
  const generations = GITHUB_ACTIONS === 'true' ? Number.POSITIVE_INFINITY : npm_command ? 2 : 0
  if (generations === 0) return undefined
  const atStart = ancestors(generations)
  const timer = setInterval(() => {
    if (ancestors(generations) === atStart) return
    clearInterval(timer)
    onOrphaned()
  }, 250)
  timer.unref()
  return timer
}

function ancestors(generations: number): string {
  const pids: number[] = []
  for (let pid: number | undefined = process.ppid; pid && pids.length < generations; pid = parentOf(pid)) pids.push(pid)
  return pids.join(' ')
}
