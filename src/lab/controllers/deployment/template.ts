import type { PodTemplateSpec } from 'kubernetes-types/core/v1.d.ts'

/** The label by which the pods of a deployment's ReplicaSets are told apart. */
export const templateHashLabel = 'pod-template-hash'

/** Whether two pod templates ask for the same pods: the hash that a ReplicaSet adds to the labels does not count. */
export function isSameTemplate(a: PodTemplateSpec, b: PodTemplateSpec): boolean {
  return canonicalJson(withoutHash(a)) === canonicalJson(withoutHash(b))
}

/**
 * A name for a template: FNV-1a (32 bit) over its canonical JSON, written with the letters that Kubernetes allows itself
 * in generated names. `collisions` makes another name for the same template.
 */
export function templateHash(template: PodTemplateSpec, collisions = 0): string {
  const text = canonicalJson(withoutHash(template)) + (collisions > 0 ? `#${collisions}` : '')
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return [...String(hash)].map((digit) => hashLetters[digit.charCodeAt(0) % hashLetters.length]).join('')
}

const hashLetters = 'bcdfghjklmnpqrstvwxz2456789'

function withoutHash(template: PodTemplateSpec): PodTemplateSpec {
  const { [templateHashLabel]: _, ...labels } = template.metadata?.labels ?? {}
  return { ...template, metadata: { ...template.metadata, labels } }
}

/** JSON that is the same for equal values: members sorted, absent ones left out. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) => {
    if (typeof member !== 'object' || member === null || Array.isArray(member)) return member
    const members = Object.entries(member).filter(([, inner]) => inner !== null && inner !== undefined)
    return Object.fromEntries(members.sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}
