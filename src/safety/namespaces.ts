import { type ChaosError, usageError } from '../support/errors.ts'
import type { SafetyRules } from './rules.ts'

/**
 * Refuses a namespace that is protected, or that is none of those that may be acted in.
 *
 * @param tried what was to be done, in words: `setImage`, `A run`
 * @throws CHAOS_NAMESPACE_PROTECTED, CHAOS_NAMESPACE_NOT_ALLOWED (usage)
 */
export function checkNamespace(tried: string, namespace: string, rules: SafetyRules): void {
  const protectedBy = rules.protectedNamespaces.find((pattern) => matches(pattern, namespace))
  if (protectedBy !== undefined) throw protectedError(tried, namespace, protectedBy)
  if (!rules.namespaces.some((pattern) => matches(pattern, namespace))) throw notAllowed(tried, namespace, rules)
}

/** Whether a name is that of a pattern, in which `*` stands for any text, also none. */
function matches(pattern: string, name: string): boolean {
  const [first = '', ...others] = pattern.split('*')
  if (others.length === 0) return name === pattern
  const last = others.pop() ?? ''
  if (!name.startsWith(first)) return false
  let from = first.length
  for (const part of others) {
    const at = name.indexOf(part, from)
    if (at < 0) return false
    from = at + part.length
  }
  return name.length - last.length >= from && name.endsWith(last)
}

function protectedError(tried: string, namespace: string, pattern: string): ChaosError {
  return usageError(
    'CHAOS_NAMESPACE_PROTECTED',
    `${tried}: the namespace "${namespace}" is protected ("${pattern}"), so nothing acts in it. Name another one. If it is meant, the config's safety.protectedNamespaces says which are protected.`,
  )
}

function notAllowed(tried: string, namespace: string, { namespaces }: SafetyRules): ChaosError {
  const allowed = namespaces.map((each) => `"${each}"`).join(', ')
  return usageError(
    'CHAOS_NAMESPACE_NOT_ALLOWED',
    `${tried}: nothing may act in the namespace "${namespace}". Allowed: ${allowed || 'none'}. If it is meant, add it to safety.namespaces of the config.`,
  )
}
