import type { HealingKind, UndoKind } from '../undo/types.ts'
import { namespaceKeeper } from './keeper.ts'
import { podTemplate } from './undos/pod-template.ts'

export const undoKinds: ReadonlyArray<UndoKind | HealingKind> = [podTemplate]

/** Where the undo kinds are loaded from by whoever has to undo. */
export const undoModuleUrl = import.meta.url

export const targetKeeper = namespaceKeeper(undoModuleUrl)
