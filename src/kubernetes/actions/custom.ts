import { currentCluster, currentSession } from '../../session/session.ts'
import type { Undo } from '../../undo/types.ts'
import { call } from '../api/call.ts'
import type { Permission } from '../api/permissions.ts'
import type { Impact } from '../changes/impact.ts'
import { act } from './act.ts'
import { checkImpact } from './limits.ts'

/** An action that this project does not know. */
export interface CustomPlan<Result> {
  title: string
  before: unknown
  impact: Impact
  permissions: readonly Permission[]
  undo: Undo
  run(): Promise<Result>
}

/** Takes an action of a project's own through the door of all actions. Nothing of it can be tried in a dry run. */
export async function actCustom<Result>(plan: CustomPlan<Result>): Promise<Result> {
  if (currentSession().target.kind === 'none') return await actWithoutCluster(plan)
  const attributes = { 'chaos_test.action.kind': plan.undo.kind }
  return await call(plan.undo.kind, attributes, async (client) => {
    return await act(client, { ...plan, run: () => plan.run(), rehearse: async () => undefined })
  })
}

/** @throws CHAOS_NO_CLUSTER (usage) when it needs something of one */
async function actWithoutCluster<Result>(plan: CustomPlan<Result>): Promise<Result> {
  const { title, before, impact, permissions, undo } = plan
  if (permissions.length > 0) currentCluster()
  checkImpact(title, impact)
  return await currentSession().perform(undo, { title, before }, () => plan.run())
}
