import { checkBlastRadius, checkNamespace } from '../../safety/index.ts'
import { currentSession } from '../../session/session.ts'
import type { Impact } from '../changes/impact.ts'

/**
 * Refuses an action that would hit more than it may: by the rules of the config, before anything is written.
 *
 * @param title the action, in words
 * @throws CHAOS_NAMESPACE_PROTECTED, CHAOS_NAMESPACE_NOT_ALLOWED, CHAOS_BLAST_RADIUS (usage)
 */
export function checkImpact(title: string, { objects, pods, nodes }: Impact): void {
  const { safety } = currentSession()
  const tried = `The action "${title}" was refused`
  for (const { namespace } of objects) if (namespace !== undefined) checkNamespace(tried, namespace, safety)
  if (pods) checkBlastRadius(tried, 'maxPods', pods, safety)
  if (nodes) checkBlastRadius(tried, 'maxNodes', nodes, safety)
}
