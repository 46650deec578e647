import type { HealingKind, UndoKind } from '../undo/types.ts'
import { namespaceKeeper } from './keeper.ts'
import { fieldsUndo } from './undos/fields.ts'
import { podTemplate } from './undos/pod-template.ts'

export const undoKinds: ReadonlyArray<UndoKind | HealingKind> = [podTemplate, fieldsUndo]

/** Where the undo kinds are loaded from by whoever has to undo. */
export const undoModuleUrl = import.meta.url

export const targetKeeper = namespaceKeeper(undoModuleUrl)
