import { existsSync, readFileSync } from 'node:fs'
import { aroundAll, expect, inject } from 'vitest'
import { matchers } from '../matchers/index.ts'
import { notRestoredError } from './outcome.ts'

// The setup file of every worker: it opens the spec file, and its rollback is the one that no spec can forget.

expect.extend(matchers)

// What fails deep in an action is told with the line of the spec that called it.
Error.stackTraceLimit = 50

const context = inject('chaos')
if (context) {
  const { openSpecFile } = await import('./spec-file.ts')
  const file = await openSpecFile(context)
  watchForCancellation(context.cancelled, (signal) => file.cancel(signal))

  // Vitest stops a worker by SIGTERM. While something is owed to the target, rolling back comes first.
  const holdOut = () => undefined
  process.on('SIGTERM', holdOut)

  aroundAll(async (runSuite) => {
    const failure = await runSuite().then(
      () => undefined,
      (error: unknown) => ({ error }),
    )
    const { failed } = await file.end()
    process.off('SIGTERM', holdOut)
    if (failed.length > 0) throw notRestoredError(failed)
    if (failure) throw failure.error
  }, 0)
}

/** A file, not a message: Vitest drops a cancellation that comes before its worker listens. */
function watchForCancellation(path: string, cancel: (signal: string) => void): void {
  const timer = setInterval(() => {
    if (!existsSync(path)) return
    clearInterval(timer)
    cancel(readFileSync(path, 'utf8'))
  }, 50)
  timer.unref()
}
