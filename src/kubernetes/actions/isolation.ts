import { eventuallyBy, type Look } from '../../probes/index.ts'
import { systemClock } from '../../support/clock.ts'
import { ChaosError, inconclusive, isChaosError, usageError } from '../../support/errors.ts'
import { type Duration, formatMilliseconds, toMilliseconds } from '../../support/quantities.ts'
import { networkPolicies } from '../api/api-resources.ts'
import type { KubernetesClient } from '../api/client.ts'
import type { LabelSelector, Pod } from '../api/resources.ts'
import { newMark } from '../undos/created.ts'
import { createObject } from './create-object.ts'

export interface IsolateOptions {
  /** Nobody reaches them (false). */
  ingress?: boolean
  /** They reach nobody, not even DNS (false). */
  egress?: boolean
  /**
   * A look that succeeds as long as the traffic flows: it must before, and must not after. Not every network enforces a
   * NetworkPolicy, and one that does not would let every hypothesis pass.
   */
  proof: Look<unknown>
  /** How long the network may take to enforce it. @default '10s' */
  enforcedWithin?: Duration
}

/** Pods that are to be cut off. */
export interface Isolation {
  namespace: string
  selector: LabelSelector
  /** In words. */
  description: string
  chosen: readonly Pod[]
  options: IsolateOptions
}

/**
 * Cuts pods off by a NetworkPolicy, and makes sure that they are.
 *
 * @throws CHAOS_NO_PROOF (inconclusive) when the proof fails before anything was done
 * @throws CHAOS_NOT_ENFORCED (inconclusive) when the traffic still flows after
 */
export async function isolatePods(client: KubernetesClient, isolation: Isolation): Promise<void> {
  const { namespace, selector, description, chosen, options } = isolation
  const { ingress = false, egress = false, proof, enforcedWithin = '10s' } = options
  const policyTypes = [...(ingress ? ['Ingress'] : []), ...(egress ? ['Egress'] : [])]
  if (policyTypes.length === 0) {
    throw usageError('CHAOS_BAD_ISOLATION', 'isolate: say { ingress: true }, { egress: true }, or both.')
  }
  const onHost = chosen.find(({ spec }) => spec.hostNetwork)
  if (onHost) throw usesHost(onHost)
  // A target that has no such policies is told first.
  await client.list(networkPolicies, { namespace })
  await provenBefore(proof)

  const names = chosen.map(({ metadata }) => metadata.name)
  await createObject(client, {
    title: `deny ${policyTypes.join(' and ').toLowerCase()} of ${description}`,
    resource: networkPolicies,
    address: { namespace, name: `chaos-test-deny-${newMark()}` },
    body: { spec: { podSelector: selector, policyTypes } },
    impact: { pods: { hit: chosen.length, of: chosen.length, among: description, names } },
    untilEffective: () => provenAfter(client, proof, enforcedWithin),
  })
}

async function provenBefore(proof: Look<unknown>): Promise<void> {
  if (await flows(proof)) return
  throw inconclusive(
    'CHAOS_NO_PROOF',
    'isolate: the proof fails before anything was done, so that it fails after would prove nothing. Give a look that succeeds as long as the traffic flows, such as () => probe.http(url).',
  )
}

async function provenAfter(client: KubernetesClient, proof: Look<unknown>, within: Duration): Promise<void> {
  const look = async () => !(await flows(proof))
  try {
    await eventuallyBy(systemClock, client.signal, look, { within })
  } catch (error) {
    if (!isChaosError(error) || error.code !== 'CHAOS_NOT_MET') throw error
    throw inconclusive(
      'CHAOS_NOT_ENFORCED',
      `isolate: the NetworkPolicy is there, and ${formatMilliseconds(toMilliseconds(within))} later the traffic still flows: the network of this cluster enforces no NetworkPolicies, or the proof takes another way. Whether the hypothesis holds cannot be told.`,
    )
  }
}

async function flows(proof: Look<unknown>): Promise<boolean> {
  try {
    return (await proof()) !== false
  } catch (error) {
    if (isChaosError(error) && error.verdict === 'usage') throw error
    return false
  }
}

function usesHost({ metadata: { name } }: Pod): ChaosError {
  return new ChaosError(
    'CHAOS_HOST_NETWORK',
    `isolate: pod/${name} uses the network of its node, to which NetworkPolicies do not apply. Nothing was done.`,
  )
}
