import type { HealingKind, UndoKind } from '../../undo/types.ts'
import type { Permission } from '../api/permissions.ts'

/** An undo kind that says what it needs: it is asked for before its action starts. */
interface DeclaredPermissions<Args> {
  permissions(args: Args): readonly Permission[]
}

export type KubernetesUndoKind<Args> = UndoKind<Args> & DeclaredPermissions<Args>
export type KubernetesHealingKind<Args> = HealingKind<Args> & DeclaredPermissions<Args>
