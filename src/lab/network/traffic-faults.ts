import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { toFraction, toMilliseconds } from '../../support/quantities.ts'
import { loopbackAddress } from '../addresses.ts'
import type { Stored } from '../client/index.ts'
import type { Called, PodSet, TrafficFault } from '../faults.ts'
import { selects } from '../labels.ts'

/** A connection, as far as faults know it. */
export interface Flow {
  /** The key of the service that is called. */
  service: string
  /** The address of the caller on this machine: that of its pod, where it is one that the lab knows. */
  caller: string
  /** The address of the pod that answers. */
  called: string
  /** A number from 0 to 1 by which a fault decides about this connection, always the same. */
  chanceOf(fault: string): number
}

/** How a connection fares. */
export interface Conditions {
  reset: boolean
  blocked: boolean
  delays: Array<{ ms: number; jitterMs: number }>
  bytesPerSecond: number
  /** What requests are answered with, and how many of them (0 to 1). */
  errors: Array<{ status: number; share: number }>
}

const defaultNamespace = 'default'

/** Which connections the faults in force hit, and how. */
export class TrafficFaults {
  readonly #faults = new Map<string, TrafficFault>()
  readonly #pods = new Map<string, Stored<Pod>>()

  add(id: string, fault: TrafficFault): void {
    this.#faults.set(id, fault)
  }

  remove(id: string): void {
    this.#faults.delete(id)
  }

  /** Remembers whose an address is. It stays so when the pod is gone, until another has it: its connections may live. */
  notePod(pod: Stored<Pod>): void {
    const { podIP } = pod.status ?? {}
    if (podIP) this.#pods.set(loopbackAddress(podIP), pod)
  }

  conditionsOf(flow: Flow): Conditions {
    const conditions: Conditions = {
      reset: false,
      blocked: false,
      delays: [],
      bytesPerSecond: Number.POSITIVE_INFINITY,
      errors: [],
    }
    for (const [id, fault] of this.#faults) if (this.#hits(fault, flow)) addTo(conditions, id, fault, flow)
    return conditions
  }

  #hits({ from, to, bothWays }: TrafficFault, flow: Flow): boolean {
    if (this.#isFrom(from, flow.caller) && this.#isTo(to, flow)) return true
    return bothWays === true && this.#isOf(to, flow.caller) && this.#isFrom(from, flow.called)
  }

  #isFrom(from: PodSet | undefined, address: string): boolean {
    return from === undefined || this.#isOf(from, address)
  }

  #isTo(to: Called, flow: Flow): boolean {
    const { service, namespace = defaultNamespace } = to
    return service === undefined ? this.#isOf(to, flow.called) : flow.service === `${namespace}/${service}`
  }

  #isOf({ namespace, pods, node }: PodSet, address: string): boolean {
    const pod = this.#pods.get(address)
    if (!pod) return false
    const wantedNamespace = namespace ?? (pods === undefined ? undefined : defaultNamespace)
    return (
      (wantedNamespace === undefined || pod.metadata.namespace === wantedNamespace) &&
      (pods === undefined || selects(pods, pod.metadata.labels)) &&
      (node === undefined || pod.spec?.nodeName === node)
    )
  }
}

function addTo(conditions: Conditions, id: string, fault: TrafficFault, flow: Flow): void {
  const { effect, delay = 0, jitter = 0, bytesPerSecond = Number.POSITIVE_INFINITY, status = 500 } = fault
  const share = toFraction(fault.share ?? 1)
  if (effect === 'errors') {
    conditions.errors.push({ status, share })
    return
  }
  if (flow.chanceOf(id) >= share) return
  if (effect === 'reset') conditions.reset = true
  if (effect === 'blackHole') conditions.blocked = true
  if (effect === 'delay') conditions.delays.push({ ms: toMilliseconds(delay), jitterMs: toMilliseconds(jitter) })
  if (effect === 'throttle') conditions.bytesPerSecond = Math.min(conditions.bytesPerSecond, bytesPerSecond)
}
