import { isDeepStrictEqual } from 'node:util'
import { ChaosError } from '../support/errors.ts'
import { deployments } from './api-resources.ts'
import type { KubernetesClient } from './client.ts'
import { hasCode } from './errors.ts'
import type { Deployment, PatchOperation, PodTemplate } from './resources.ts'

/**
 * Changes the pod template of a deployment, provided that both are still as they were read.
 *
 * @throws CHAOS_CONFLICT when someone else has changed the template since: then nothing was changed
 */
export async function changeTemplate(
  client: KubernetesClient,
  read: Deployment,
  change: PatchOperation[],
): Promise<void> {
  const unchanged: PatchOperation[] = [
    { op: 'test', path: '/metadata/uid', value: read.metadata.uid },
    { op: 'test', path: '/spec/template', value: read.spec.template },
  ]
  try {
    await client.patch(deployments, read.metadata, { type: 'json', body: [...unchanged, ...change] })
  } catch (error) {
    if (!hasCode(error, 'CHAOS_INVALID')) throw error
    const now = await client.find(deployments, read.metadata)
    if (isDeepStrictEqual(now?.spec.template, read.spec.template) && now?.metadata.uid === read.metadata.uid)
      throw error
    throw new ChaosError(
      'CHAOS_CONFLICT',
      `deployment/${read.metadata.name} was changed by someone else between the reading and the writing of its pod template. Nothing was changed. Make sure that nobody else rolls it out during an experiment.`,
      { cause: error },
    )
  }
}

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
function includes(actual: unknown, wanted: unknown): boolean {
  if (wanted === null || wanted === undefined) return actual === null || actual === undefined
  if (typeof wanted !== 'object') return actual === wanted
  if (typeof actual !== 'object' || actual === null || Array.isArray(actual) !== Array.isArray(wanted)) return false
  if (Array.isArray(wanted) && Array.isArray(actual) && actual.length !== wanted.length) return false
  return Object.entries(wanted).every(([key, value]) => includes((actual as Record<string, unknown>)[key], value))
}
