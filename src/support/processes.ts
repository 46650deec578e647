import { readFileSync } from 'node:fs'

/** A process, told apart from a later one that was given the same number. */
export interface ProcessIdentity {
  pid: number
  /** When it started, in the kernel's clock ticks since boot; absent where the system does not tell. */
  startTicks?: string
}

/** The identity of a running process; undefined when there is none of that number. */
export function identityOf(pid: number): ProcessIdentity | undefined {
  const startTicks = startTicksOfLiving(pid)
  if (startTicks !== undefined) return { pid, startTicks }
  return exists(pid) ? { pid } : undefined
}

/** Whether this very process still runs. A zombie, dead but not yet reaped, does not. */
export function isRunning({ pid, startTicks }: ProcessIdentity): boolean {
  return startTicks === undefined ? exists(pid) : startTicksOfLiving(pid) === startTicks
}

/** The parent of a running process; undefined when there is none of that number, or the system does not tell. */
export function parentOf(pid: number): number | undefined {
  const parent = statOf(pid)?.[1]
  return parent === undefined ? undefined : Number(parent)
}

/** When the process of that number started, a zombie included; undefined when there is none, or the system does not tell. */
export function startTicksOf(pid: number): string | undefined {
  return statOf(pid)?.[19]
}

function startTicksOfLiving(pid: number): string | undefined {
  const fields = statOf(pid)
  return fields?.[0] === 'Z' ? undefined : fields?.[19]
}

/** /proc/PID/stat from field 3 on (proc(5)): the name in field 2 may hold spaces and parentheses, so it is skipped whole. */
function statOf(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
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
