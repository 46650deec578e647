import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { programBeside } from '../../support/program.ts'

/** What the kubelet says to the reaper when it has ended its pods itself. */
export const releasedWord = 'released'

/** A process that waits for the death of this one. */
export interface Guard {
  /** Sends it home: this process has ended its pods itself. */
  release(): Promise<void>
}

interface SharedGuard {
  guard: Guard
  users: number
}

const shared = new Map<string, SharedGuard>()

/**
 * A reaper for the home: a process in a session of its own that sweeps the home when this process dies in whatever way,
 * which it learns from the end of a pipe. All kubelets of a home share one.
 */
export function startGuard(home: string): Guard {
  const known = shared.get(home) ?? { guard: startReaper(home), users: 0 }
  known.users += 1
  shared.set(home, known)
  return {
    release: async () => {
      known.users -= 1
      if (known.users > 0) return
      shared.delete(home)
      await known.guard.release()
    },
  }
}

function startReaper(home: string): Guard {
  const reaper = spawn(process.execPath, [programBeside(import.meta.url, 'reaper'), home], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: {},
  })
  const gone = Promise.race([once(reaper, 'exit'), once(reaper, 'error')]).catch(() => {})
  reaper.stdin.on('error', () => {})
  reaper.unref()
  return {
    release: async () => {
      reaper.ref()
      reaper.stdin.end(releasedWord)
      await gone
    },
  }
}
