import { currentSession } from '../../session/session.ts'
import type { Undo } from '../../undo/types.ts'
import type { Irreversible } from '../../undo/without-undo.ts'
import type { KubernetesClient } from '../api/client.ts'
import { notePermission } from '../api/noted-permissions.ts'
import { type Permission, requirePermissions } from '../api/permissions.ts'
import type { Impact } from '../changes/impact.ts'
import type { KubernetesHealingKind, KubernetesUndoKind } from '../undos/kind.ts'
import { checkImpact } from './limits.ts'

/** How an action is undone, as data; or the word that it cannot be. */
export type PlannedUndo<Args> =
  | { by: KubernetesUndoKind<Args> | KubernetesHealingKind<Args>; args: Args }
  | Irreversible
  /** A kind of the project's own, which declares no permissions. */
  | Undo

/** What an action will do: all of it is known, and nothing is done yet. */
export interface ActionPlan<Args, Result> {
  /** In words: `set image of deployment/service2 to counter/service2:v4`. */
  title: string
  /** What is, and what will be, of that which it changes. For the journal: no secrets. */
  before?: unknown
  after?: unknown
  impact: Impact
  /** What it needs itself; what its undo needs is declared by the undo's kind. */
  permissions: readonly Permission[]
  undo: PlannedUndo<Args>
  /** Does it. It writes by this client and no other. */
  run(client: KubernetesClient): Promise<Result>
  /**
   * What a dry run does instead, by a client that changes nothing: for an action that waits for what it has changed.
   *
   * @default run
   */
  rehearse?(client: KubernetesClient): Promise<unknown>
}

/**
 * The one door that every action on a cluster goes through: what must be known or allowed before anything is written is
 * looked at here.
 *
 * @throws CHAOS_NAMESPACE_PROTECTED, CHAOS_NAMESPACE_NOT_ALLOWED, CHAOS_BLAST_RADIUS (usage) when it would hit more than it may
 * @throws CHAOS_FORBIDDEN when something is not allowed that the action or its undo needs: nothing was done
 * @throws CHAOS_ACTION_REFUSED
 */
export async function act<Args, Result>(client: KubernetesClient, plan: ActionPlan<Args, Result>): Promise<Result> {
  const { title, before, after, undo } = plan
  for (const permission of permissionsOf(plan)) notePermission(permission)
  checkImpact(title, plan.impact)
  await requirePermissions(client, permissionsOf(plan))
  const owed = 'by' in undo ? { kind: undo.by.kind, args: undo.args } : undo
  const rehearse = () => (plan.rehearse ?? plan.run)(client.changingNothing())
  return await currentSession().perform(owed, { title, before, after, rehearse }, () => plan.run(client))
}

/** All that an action and its undo need. */
function permissionsOf<Args>({ permissions, undo }: ActionPlan<Args, unknown>): Permission[] {
  return [...permissions, ...('by' in undo ? undo.by.permissions(undo.args) : [])]
}
