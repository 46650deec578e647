import type { HealingKind, UndoKind } from '../undo/types.ts'
import { namespaceKeeper } from './keeper/namespace-keeper.ts'
import { createdUndo } from './undos/created.ts'
import { deletedUndo } from './undos/deleted.ts'
import { fieldsUndo } from './undos/fields.ts'
import { labFaultsUndo } from './undos/lab-faults.ts'
import { podTemplate } from './undos/pod-template.ts'
import { podsReplaced } from './undos/pods-replaced.ts'

export const undoKinds: ReadonlyArray<UndoKind | HealingKind> = [
  podTemplate,
  fieldsUndo,
  createdUndo,
  deletedUndo,
  podsReplaced,
  labFaultsUndo,
]

/** Where the undo kinds are loaded from by whoever has to undo. */
export const undoModuleUrl = import.meta.url

export const targetKeeper = namespaceKeeper(undoModuleUrl)
