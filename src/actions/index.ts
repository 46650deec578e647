/** What modules of actions import: nothing here loads Vitest. */

export type { Impact, ObjectName, Permission, Share, Verb } from '../kubernetes/index.ts'
export type { HealingKind, TargetReference, Undo, UndoContext, UndoKind, UndoOutcome } from '../undo/types.ts'
export type { ActionContext, ActionDefinition, CustomAction } from './define-action.ts'
export { defineAction } from './define-action.ts'
