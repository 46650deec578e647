import { expect, vi } from 'vitest'
import { undoModuleUrl } from '../../src/kubernetes/undo.ts'
import { UndoRegistry } from '../../src/undo/registry.ts'
import type { TargetReference, UndoOutcome } from '../../src/undo/types.ts'
import type { SpecSession } from './spec-session.ts'

/**
 * Undoes what a session did, the last first, as whoever rolls back does it: from the data alone, with the kinds of the
 * module. Each is carried out twice, since it may be.
 */
export async function undoAll(
  { performed }: SpecSession,
  target: TargetReference,
  outcome: UndoOutcome = 'undone',
): Promise<void> {
  const registry = await UndoRegistry.load([undoModuleUrl])
  const context = { target, signal: AbortSignal.timeout(150_000) }
  for (const { undo } of performed.splice(0).reverse()) {
    if (!('kind' in undo)) continue
    const kind = registry.get(undo.kind)
    expect(kind.describe(undo.args)).toMatch(/\w/)
    if (!('undo' in kind)) {
      // One that lost patience is asked again, as a rollback does it.
      await vi.waitFor(() => kind.recovered(undo.args, context), { timeout: 60_000, interval: 200 })
      continue
    }
    expect(await kind.undo(undo.args, context)).toBe(outcome)
    expect(await kind.undo(undo.args, context)).toBe(outcome)
    await kind.recovered?.(undo.args, context)
  }
}
