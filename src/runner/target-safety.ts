import type { ClusterTarget } from '../config/load.ts'
import { findNamespace } from '../kubernetes/api/namespace.ts'
import { checkEnvironment, checkNamespace, environmentLabel, type SafetyRules } from '../safety/index.ts'
import { usageError } from '../support/errors.ts'
import type { TargetReference } from '../undo/types.ts'

/**
 * Refuses a cluster that must not be acted on by this run: before its lock is taken, and before anything is done.
 *
 * @throws CHAOS_NAMESPACE_PROTECTED, CHAOS_NAMESPACE_NOT_ALLOWED, CHAOS_NO_SUCH_NAMESPACE,
 *   CHAOS_ENVIRONMENT_NOT_CONFIRMED (usage)
 */
export async function checkTarget(
  target: TargetReference,
  { environment, confirmed = [] }: ClusterTarget,
  { rules, confirms }: { rules: SafetyRules; confirms: boolean },
  signal: AbortSignal,
): Promise<void> {
  const { name, namespace } = target
  checkNamespace(`A run on the cluster "${name}"`, namespace, rules)
  const found = await findNamespace(target, signal)
  if (!found) {
    throw usageError(
      'CHAOS_NO_SUCH_NAMESPACE',
      `The cluster "${name}" has no namespace "${namespace}". Nothing was done. Name one that exists: --namespace NAME.`,
    )
  }
  if (!confirms) return
  const label = found.labels[environmentLabel]
  const claims = [
    ...(environment === undefined ? [] : [{ environment, saidBy: 'the config' }]),
    ...(label === undefined ? [] : [{ environment: label, saidBy: `the label ${environmentLabel} of the namespace` }]),
  ]
  checkEnvironment(`namespace "${namespace}" of the cluster "${name}"`, claims, confirmed)
}
