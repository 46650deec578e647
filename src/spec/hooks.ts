import { afterAll as vitestAfterAll } from 'vitest'
import { notRestoredError } from './outcome.ts'
import { currentSpecFile } from './running.ts'

/**
 * Undoes what `beforeAll` did and whatever is left. Each hypothesis undoes its own; and it is guaranteed even where a
 * spec does not ask for it.
 *
 * @throws CHAOS_NOT_RESTORED: something is still owed
 * @example
 * afterAll(rollback)
 */
export async function rollback(): Promise<void> {
  const { failed } = await currentSpecFile('rollback()').rollBack()
  if (failed.length > 0) throw notRestoredError(failed)
}

/** Vitest's `afterAll`. A rollback in it has a time limit of its own and is not cut by that of hooks. */
export const afterAll: typeof vitestAfterAll = (hook, timeout) =>
  vitestAfterAll(hook, timeout ?? (hook === rollback ? 0 : undefined))
