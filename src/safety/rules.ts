/**
 * What a run may act on, as data: it crosses a process boundary to the workers. Rules are checked before anything is
 * done; what they refuse is refused whole.
 */
export interface SafetyRules {
  /** The namespaces that may be acted in: names, in which `*` stands for any text. */
  readonly namespaces: readonly string[]
  /** The namespaces that are never acted in, whatever `namespaces` allows. */
  readonly protectedNamespaces: readonly string[]
  /** The largest share of the pods that it chooses among that one action may hit at once: from 0 to 1. */
  readonly maxPods: number
  /** The largest share of the nodes of a cluster that one action may hit at once: from 0 to 1. */
  readonly maxNodes: number
}

/** Rules that do not know their target yet. */
export type SafetySettings = Omit<SafetyRules, 'namespaces'> & Partial<Pick<SafetyRules, 'namespaces'>>

/** What holds where the config says nothing of it. */
export const defaultSafety: SafetySettings = { protectedNamespaces: ['kube-*'], maxPods: 1, maxNodes: 0.5 }

/** The rules on a target. Where no namespace is said to be allowed, it is that of a cluster's target, or any of a lab. */
export function rulesOn(
  target: { kind: 'lab' | 'kubernetes' | 'none'; namespace: string },
  settings: SafetySettings,
): SafetyRules {
  return { namespaces: target.kind === 'kubernetes' ? [target.namespace] : ['*'], ...settings }
}
