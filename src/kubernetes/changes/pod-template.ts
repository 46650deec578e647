import { isDeepStrictEqual } from 'node:util'
import type { PodTemplate } from '../api/resources.ts'

/**
 * Whether a template is the wanted one. What the server added to it by default does not count; labels and annotations
 * must be the same, because those are what a change adds.
 */
export function isTemplate(actual: PodTemplate, wanted: PodTemplate): boolean {
  return (
    isDeepStrictEqual(actual.metadata?.labels ?? {}, wanted.metadata?.labels ?? {}) &&
    isDeepStrictEqual(actual.metadata?.annotations ?? {}, wanted.metadata?.annotations ?? {}) &&
    includes(actual.spec, wanted.spec)
  )
}

/** Whether `actual` has all that `wanted` has; lists of the same length, item by item. `null` is as good as nothing. */
export function includes(actual: unknown, wanted: unknown): boolean {
  if (wanted === null || wanted === undefined) return actual === null || actual === undefined
  if (typeof wanted !== 'object') return actual === wanted
  if (typeof actual !== 'object' || actual === null || Array.isArray(actual) !== Array.isArray(wanted)) return false
  if (Array.isArray(wanted) && Array.isArray(actual) && actual.length !== wanted.length) return false
  return Object.entries(wanted).every(([key, value]) => includes((actual as Record<string, unknown>)[key], value))
}
