import type { Node, NodeSelectorTerm, Pod, Taint, Toleration } from 'kubernetes-types/core/v1.d.ts'
import { hasLabels, selects } from '../../labels.ts'
import { tolerates } from '../../taints.ts'

/** A node for the pod, or why there is none. */
export type Choice = { node: string } | { refusal: string }

/** The node with the fewest pods, of those that may have this one. `podsOn` counts the pods of a node. */
export function chooseNode(pod: Pod, nodes: readonly Node[], podsOn: (node: string) => number): Choice {
  if (nodes.length === 0) return { refusal: 'no nodes available to schedule pods' }
  const judged = nodes.map((node) => ({ node: nameOf(node), objection: objectionOf(pod, node, podsOn(nameOf(node))) }))
  const [best] = judged
    .filter(({ objection }) => objection === undefined)
    .sort((a, b) => podsOn(a.node) - podsOn(b.node) || a.node.localeCompare(b.node))
  if (best) return { node: best.node }
  const counts = new Map<string, number>()
  for (const { objection = '' } of judged) counts.set(objection, (counts.get(objection) ?? 0) + 1)
  const objections = [...counts].map(([objection, count]) => `${count} ${objection}`).sort()
  return { refusal: `0/${nodes.length} nodes are available: ${objections.join(', ')}.` }
}

function objectionOf(pod: Pod, node: Node, podCount: number): string | undefined {
  if (node.spec?.unschedulable) return 'node(s) were unschedulable'
  if (!node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')) {
    return 'node(s) were not ready'
  }
  const taint = node.spec?.taints?.find((candidate) => keepsAway(candidate, pod.spec?.tolerations ?? []))
  if (taint) return `node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`
  if (!isWanted(pod, node)) return "node(s) didn't match Pod's node affinity/selector"
  if (podCount >= Number(node.status.allocatable?.pods ?? Number.POSITIVE_INFINITY)) return 'Too many pods'
  return undefined
}

function keepsAway(taint: Taint, tolerations: readonly Toleration[]): boolean {
  return taint.effect !== 'PreferNoSchedule' && !tolerations.some((toleration) => tolerates(toleration, taint))
}

function isWanted(pod: Pod, node: Node): boolean {
  if (!hasLabels(pod.spec?.nodeSelector ?? {}, node.metadata?.labels)) return false
  const required = pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  return required === undefined || required.nodeSelectorTerms.some((term) => isMetBy(term, node))
}

function isMetBy({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, node: Node): boolean {
  if (matchExpressions.length + matchFields.length === 0) return false
  const fields = { 'metadata.name': nameOf(node) }
  return selects({ matchExpressions }, node.metadata?.labels) && selects({ matchExpressions: matchFields }, fields)
}

function nameOf(node: Node): string {
  return node.metadata?.name ?? ''
}
