import { TestRunner } from 'vitest'
import { runningSpecFile } from './running.ts'

type CancelReason = Parameters<TestRunner['cancel']>[0]

/**
 * Vitest's runner, which also tells the spec file of a cancellation: Vitest itself tells only the test that runs, not
 * the hooks.
 */
class ChaosRunner extends TestRunner {
  override cancel(reason: CancelReason): void {
    super.cancel(reason)
    runningSpecFile()?.cancel('the user')
  }
}

// biome-ignore lint/style/noDefaultExport: Vitest loads a runner by its default export
export default ChaosRunner
