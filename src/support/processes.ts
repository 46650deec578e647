import { readFileSync } from 'node:fs'

/** A process, told apart from a later one that was given the same number. */
export interface ProcessIdentity {
  pid: number
  /** When it started, in the kernel's clock ticks since boot; absent where the system does not tell. */
  startTicks?: string
}

/** The identity of a running process; undefined when there is none of that number. */
export function identityOf(pid: number): ProcessIdentity | undefined {
  const startTicks = startTicksOf(pid)
  if (startTicks !== undefined) return { pid, startTicks }
  return exists(pid) ? { pid } : undefined
}

/** Whether this very process still runs. A zombie, dead but not yet reaped, does not. */
export function isRunning({ pid, startTicks }: ProcessIdentity): boolean {
  return startTicks === undefined ? exists(pid) : startTicksOf(pid) === startTicks
}

/** Field 22 of /proc/PID/stat (proc(5)); the name in field 2 may hold spaces and parentheses, so it is skipped whole. */
function startTicksOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? undefined : fields[19]
  } catch {
    return undefined
  }
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
