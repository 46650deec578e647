import type { Taint, Toleration } from 'kubernetes-types/core/v1.d.ts'

/** The taints that say what has become of a node, by their keys in Kubernetes. */
export const unschedulableTaint = 'node.kubernetes.io/unschedulable'
export const notReadyTaint = 'node.kubernetes.io/not-ready'
export const unreachableTaint = 'node.kubernetes.io/unreachable'

/** Whether a toleration tolerates a taint. One without a key and with `Exists` tolerates everything. */
export function tolerates({ key, operator = 'Equal', value = '', effect }: Toleration, taint: Taint): boolean {
  if (effect && effect !== taint.effect) return false
  if (!key) return operator === 'Exists'
  return key === taint.key && (operator === 'Exists' || value === (taint.value ?? ''))
}
