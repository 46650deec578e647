import type { V1Service } from '@kubernetes/client-node'
import { request } from 'undici'
import { usageError } from '../support/errors.ts'
import type { TargetReference } from '../undo/types.ts'
import { deployments, services } from './api/api-resources.ts'
import { connect, type KubernetesClient } from './api/client.ts'
import type { Container, Deployment } from './api/resources.ts'
import { schemeOf } from './handles/service.ts'
import { findAddress } from './handles/service-address.ts'

/** A deployment to begin with. */
export interface Candidate {
  name: string
  available: boolean
  /** The service in front of it, and a path that it answers; absent: none was found that this machine reaches. */
  users?: { service: string; path: string }
}

export interface Discovery {
  chosen: Candidate
  /** The names of all deployments of the namespace. */
  all: readonly string[]
}

/**
 * Finds a deployment to begin with: one that is available and has users, if there is one.
 *
 * @param name which one; absent: the best
 * @throws CHAOS_NO_SUCH_DEPLOYMENT, CHAOS_NOTHING_TO_BEGIN_WITH (usage)
 */
export async function discover(reference: TargetReference, name: string | undefined): Promise<Discovery> {
  const { namespace } = reference
  const client = await connect(reference, new AbortController().signal)
  const { items } = await client.list(deployments, { namespace })
  const all = items.map(({ metadata }) => metadata.name)
  const place = `the namespace "${namespace}" of "${reference.name}"`
  if (all.length === 0) {
    throw usageError(
      'CHAOS_NOTHING_TO_BEGIN_WITH',
      `There is no deployment in ${place}. Name another namespace, or write a small example with "chaos-test init --example".`,
    )
  }
  if (name !== undefined && !all.includes(name)) {
    throw usageError(
      'CHAOS_NO_SUCH_DEPLOYMENT',
      `There is no deployment "${name}" in ${place}. It has: ${all.join(', ')}.`,
    )
  }
  const { items: fronts } = await client.list(services, { namespace })
  const asked = items.filter(({ metadata }) => name === undefined || metadata.name === name)
  const candidates = await Promise.all(asked.map((deployment) => candidateOf(client, deployment, fronts)))
  const [chosen] = candidates.sort((a, b) => worthOf(b) - worthOf(a))
  if (!chosen) throw new Error('There is a deployment, and no candidate.')
  return { chosen, all }
}

function worthOf({ available, users }: Candidate): number {
  return (available ? 2 : 0) + (users ? 1 : 0)
}

async function candidateOf(
  client: KubernetesClient,
  deployment: Deployment,
  fronts: readonly V1Service[],
): Promise<Candidate> {
  const { metadata, spec, status } = deployment
  const labels = spec.template.metadata?.labels ?? {}
  const own = fronts.filter((front) => selects(front, labels))
  const users = await firstOf(own.map((front) => () => usersOf(client, front, deployment)))
  return { name: metadata.name, available: (status?.availableReplicas ?? 0) > 0, ...(users ? { users } : {}) }
}

function selects({ spec }: V1Service, labels: Readonly<Record<string, string>>): boolean {
  const selector = Object.entries(spec?.selector ?? {})
  return selector.length > 0 && selector.every(([key, value]) => labels[key] === value)
}

/** A path of the service that is answered well: `/`, or else what its own probes ask for. */
async function usersOf(
  client: KubernetesClient,
  service: V1Service,
  deployment: Deployment,
): Promise<Candidate['users']> {
  const [port] = service.spec?.ports ?? []
  const { name = '', namespace = '' } = service.metadata ?? {}
  if (!port) return undefined
  const address = await findAddress(client, { namespace, name }, service, port).catch(() => undefined)
  if (!address) return undefined
  const base = `${schemeOf(port)}://${address.host}:${address.port}`
  const path = await firstOf(
    ['/', ...probedPaths(deployment)].map((each) => async () => ((await answersWell(base + each)) ? each : undefined)),
  )
  return path === undefined ? undefined : { service: name, path }
}

interface Probed {
  readinessProbe?: { httpGet?: { path?: string } }
}

function probedPaths({ spec }: Deployment): string[] {
  const containers: ReadonlyArray<Container & Probed> = spec.template.spec.containers
  return containers.flatMap(({ readinessProbe }) => readinessProbe?.httpGet?.path ?? [])
}

const answerWithinMs = 3000

async function answersWell(url: string): Promise<boolean> {
  try {
    const { statusCode, body } = await request(url, { signal: AbortSignal.timeout(answerWithinMs) })
    await body.dump()
    return statusCode < 400
  } catch {
    return false
  }
}

async function firstOf<T>(looks: ReadonlyArray<() => Promise<T | undefined>>): Promise<T | undefined> {
  for (const look of looks) {
    const found = await look()
    if (found !== undefined) return found
  }
  return undefined
}
