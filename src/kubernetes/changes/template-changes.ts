import { ChaosError, usageError } from '../../support/errors.ts'
import type { Container, EnvVariable, PatchOperation, PodTemplate, Resources } from '../api/resources.ts'

/** A change of a pod template, with what a person wants to know of it. */
export interface TemplateChange {
  before: Record<string, unknown>
  after: Record<string, unknown>
  /** Empty: it is so already. */
  operations: PatchOperation[]
}

/** The environment of a container: a value for each variable, `null` for one that shall not be there. */
export type EnvChanges = Record<string, string | null>

const containersPath = '/spec/template/spec/containers'

export function imageChange(template: PodTemplate, name: string, image: string): TemplateChange | undefined {
  const { container, path } = find(template, name) ?? {}
  if (!container) return undefined
  return {
    before: { image: container.image },
    after: { image },
    operations: container.image === image ? [] : [{ op: 'replace', path: `${path}/image`, value: image }],
  }
}

/** @throws CHAOS_BAD_ENV (usage) without a variable */
export function envChange(template: PodTemplate, name: string, changes: EnvChanges): TemplateChange | undefined {
  if (Object.keys(changes).length === 0) {
    throw usageError('CHAOS_BAD_ENV', `setEnv needs a variable to set: { LOG_LEVEL: 'debug' }, or { LOG_LEVEL: null }.`)
  }
  const { container, path } = find(template, name) ?? {}
  if (!container) return undefined
  const present = container.env ?? []
  const kept = present.filter(({ name }) => changes[name] !== null)
  const changed = kept.map((variable): EnvVariable => {
    const value = changes[variable.name]
    return value === undefined || value === null ? variable : { name: variable.name, value }
  })
  const added = Object.entries(changes).flatMap(([name, value]): EnvVariable[] => {
    return value === null || present.some((variable) => variable.name === name) ? [] : [{ name, value }]
  })
  const env = [...changed, ...added]
  const names = Object.keys(changes)
  const isSame = names.every((name) => envValueOf(present, name) === (changes[name] ?? null))
  return {
    before: { env: Object.fromEntries(names.map((name) => [name, envValueOf(present, name)])) },
    after: { env: changes },
    operations: isSame ? [] : [{ op: 'add', path: `${path}/env`, value: env }],
  }
}

/** What is not named stays: `{ limits: { memory: '64Mi' } }` leaves the requests as they are. */
export function resourcesChange(template: PodTemplate, name: string, resources: Resources): TemplateChange | undefined {
  const { container, path } = find(template, name) ?? {}
  if (!container) return undefined
  const before = container.resources ?? {}
  const after: Resources = {
    ...before,
    ...(resources.requests ? { requests: { ...before.requests, ...resources.requests } } : {}),
    ...(resources.limits ? { limits: { ...before.limits, ...resources.limits } } : {}),
  }
  const isSame = JSON.stringify(before) === JSON.stringify(after)
  return {
    before: { resources: before },
    after: { resources: after },
    operations: isSame ? [] : [{ op: 'add', path: `${path}/resources`, value: after }],
  }
}

/** The annotation of `kubectl rollout restart`. */
const restartedAt = 'kubectl.kubernetes.io/restartedAt'

export function restartChange({ metadata }: PodTemplate, at: Date): TemplateChange {
  const restarted = { [restartedAt]: at.toISOString() }
  const annotations = { ...metadata?.annotations, ...restarted }
  const path = '/spec/template/metadata'
  return {
    before: { restartedAt: metadata?.annotations?.[restartedAt] ?? null },
    after: { restartedAt: restarted[restartedAt] },
    operations: [
      metadata === undefined
        ? { op: 'add', path, value: { annotations } }
        : { op: 'add', path: `${path}/annotations`, value: annotations },
    ],
  }
}

export function noSuchContainer(tried: string, subject: string, template: PodTemplate, name: string): ChaosError {
  const names = template.spec.containers.map((container) => container.name).join(', ')
  return new ChaosError('CHAOS_NO_SUCH_CONTAINER', `${tried}: ${subject} has no container "${name}". It has: ${names}.`)
}

function find({ spec }: PodTemplate, name: string): { container: Container; path: string } | undefined {
  const index = spec.containers.findIndex((container) => container.name === name)
  const container = spec.containers[index]
  return container && { container, path: `${containersPath}/${index}` }
}

/** A value that comes from elsewhere is told by where it comes from. */
function envValueOf(env: readonly EnvVariable[], name: string): unknown {
  const variable = env.find((each) => each.name === name)
  if (!variable) return null
  return variable.valueFrom ?? variable.value ?? ''
}
