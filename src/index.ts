/**
 * What a spec imports.
 *
 * @packageDocumentation
 */

export { afterEach, beforeAll, beforeEach, describe } from 'vitest'
export { kubernetes } from './kubernetes/index.ts'
export { always, eventually, probe } from './probes/index.ts'
export { prometheus } from './prometheus/index.ts'
export { expect } from './spec/expect.ts'
export type { HypothesisContext } from './spec/experiment.ts'
export { finding } from './spec/finding.ts'
export { afterAll, rollback } from './spec/hooks.ts'
export type { HypothesisOptions } from './spec/hypothesis.ts'
export { hypothesis } from './spec/hypothesis.ts'
export { perform } from './spec/perform.ts'
export { steadyState } from './spec/steady-state.ts'
export { traffic } from './traffic/index.ts'
export type { ActionDescription, Perform } from './undo/perform.ts'
export type { HealingKind, TargetReference, Undo, UndoContext, UndoKind, UndoOutcome } from './undo/types.ts'
export type { Irreversible } from './undo/without-undo.ts'
export { awaitRecovery, irreversible } from './undo/without-undo.ts'
