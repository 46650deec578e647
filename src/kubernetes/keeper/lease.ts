import { type Clock, systemClock } from '../../support/clock.ts'
import { ChaosError, usageError } from '../../support/errors.ts'
import { formatMilliseconds } from '../../support/quantities.ts'
import type { LockRequest, TargetLock } from '../../undo/target-keeper.ts'
import type { TargetReference } from '../../undo/types.ts'
import { leases } from '../api/api-resources.ts'
import { connect, type KubernetesClient } from '../api/client.ts'
import { hasCode } from '../api/errors.ts'
import type { Lease, LeaseSpec } from '../api/resources.ts'
import { holderOf, runOf } from './holder.ts'

/** The one Lease of a namespace that says which run may act on it. */
export const leaseName = 'chaos-test'
/** A holder that was not heard of for this time has died. */
const durationMs = 20_000
const heartbeatMs = 5000
/** The clocks of two machines may differ: what seems to have died is watched for longer than a heartbeat. */
const watchedForMs = heartbeatMs + 1000

/**
 * Takes the Lease of the target's namespace, and keeps it by a heartbeat until it is released.
 *
 * The API server lets one of two win that write at the same time (`resourceVersion`). A Lease that has expired is watched
 * for another heartbeat before it is taken over.
 *
 * @throws CHAOS_TARGET_LOCKED (usage) when a run that lives holds it
 * @throws CHAOS_FORBIDDEN and the other errors of `errors.ts`
 */
export async function takeLease(
  target: TargetReference,
  { run, dead, signal }: LockRequest,
  clock: Clock = systemClock,
): Promise<TargetLock> {
  const client = await connect(target, signal)
  for (;;) {
    const found = await client.find(leases, leaseOf(target))
    const holder = found?.spec.holderIdentity
    if (found && holder !== undefined && runOf(holder) !== dead) {
      if (isFresh(found, clock.now())) throw lockedError(target, found, clock.now())
      if (!(await standsStill(client, found, clock))) continue
    }
    const taken = await write(client, found, holderOf(run), clock.now())
    if (taken) return new HeldLease(target, taken, clock, holder === undefined ? undefined : runOf(holder))
  }
}

/** Goes on with the Lease of a run, in the place of its command; undefined when the run does not hold it any more. */
export async function continueLease(
  target: TargetReference,
  { run, signal }: LockRequest,
  clock: Clock = systemClock,
): Promise<TargetLock | undefined> {
  const client = await connect(target, signal)
  const found = await client.find(leases, leaseOf(target))
  return found && isHeldBy(found, run) ? new HeldLease(target, found, clock) : undefined
}

/** Whether a run holds the target, by the Lease. */
export async function holdsLease(client: KubernetesClient, run: string): Promise<boolean> {
  const found = await client.find(leases, leaseOf(client.target))
  return found !== undefined && isHeldBy(found, run)
}

/** The run that holds the target and was heard of lately. */
export async function liveHolder(client: KubernetesClient, nowMs = systemClock.now()): Promise<string | undefined> {
  const found = await client.find(leases, leaseOf(client.target))
  const holder = found?.spec.holderIdentity
  return found && holder !== undefined && isFresh(found, nowMs) ? runOf(holder) : undefined
}

class HeldLease implements TargetLock {
  readonly takenFrom?: string
  readonly #target: TargetReference
  readonly #clock: Clock
  readonly #released = new AbortController()
  readonly #lost = new AbortController()
  readonly #beating: Promise<void>
  #lease: Lease

  constructor(target: TargetReference, lease: Lease, clock: Clock, takenFrom?: string) {
    this.#target = target
    this.#lease = lease
    this.#clock = clock
    if (takenFrom !== undefined) this.takenFrom = takenFrom
    this.#beating = this.#beat()
  }

  get lost(): AbortSignal {
    return this.#lost.signal
  }

  async release(): Promise<void> {
    this.#released.abort()
    await this.#beating
    const client = await connect(this.#target, AbortSignal.timeout(durationMs))
    for (;;) {
      const found = await client.find(leases, leaseOf(this.#target))
      if (!found || found.spec.holderIdentity !== this.#lease.spec.holderIdentity) return
      const { holderIdentity: _, ...spec } = found.spec
      if (await unlessOvertaken(client.replace(leases, { ...found, spec }))) return
    }
  }

  async #beat(): Promise<void> {
    const ended = AbortSignal.any([this.#released.signal, this.#lost.signal])
    while (!ended.aborted) {
      await this.#clock.sleep(heartbeatMs, ended).catch(() => undefined)
      // Who cannot be reached now may be reached at the next beat: only another holder takes the Lease away.
      if (!ended.aborted) await this.#renew(ended).catch(() => undefined)
    }
  }

  async #renew(signal: AbortSignal): Promise<void> {
    const client = await connect(this.#target, signal)
    const spec = { ...this.#lease.spec, renewTime: microTime(this.#clock.now()) }
    const renewed = await unlessOvertaken(client.replace(leases, { ...this.#lease, spec }))
    if (renewed) {
      this.#lease = renewed
      return
    }
    const found = await client.find(leases, leaseOf(this.#target))
    if (found && found.spec.holderIdentity === spec.holderIdentity) this.#lease = found
    else this.#lost.abort(lostError(this.#target, found))
  }
}

/** Writes the Lease for a new holder. @returns undefined when someone else was faster */
async function write(
  client: KubernetesClient,
  found: Lease | undefined,
  holderIdentity: string,
  nowMs: number,
): Promise<Lease | undefined> {
  const now = microTime(nowMs)
  const spec: LeaseSpec = {
    holderIdentity,
    leaseDurationSeconds: durationMs / 1000,
    acquireTime: now,
    renewTime: now,
    leaseTransitions: (found?.spec.leaseTransitions ?? -1) + 1,
  }
  if (found) return await unlessOvertaken(client.replace(leases, { ...found, spec: { ...found.spec, ...spec } }))
  const metadata = { ...leaseOf(client.target), labels: { 'app.kubernetes.io/managed-by': 'chaos-test' } }
  return await unlessOvertaken(
    client.create(leases, { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec }),
  )
}

/** The answer; undefined when what was to be written is not any more as it was read. */
async function unlessOvertaken<T>(request: Promise<T>): Promise<T | undefined> {
  try {
    return await request
  } catch (error) {
    if (hasCode(error, 'CHAOS_CONFLICT')) return undefined
    throw error
  }
}

async function standsStill(client: KubernetesClient, lease: Lease, clock: Clock): Promise<boolean> {
  await clock.sleep(watchedForMs, client.signal)
  const found = await client.find(leases, lease.metadata)
  if (found?.metadata.resourceVersion === lease.metadata.resourceVersion) return true
  // It is renewed, by a clock that is far from ours.
  const { holderIdentity } = lease.spec
  if (found && found.spec.holderIdentity === holderIdentity) throw lockedError(client.target, found, clock.now())
  return false
}

/** A time far in the future is that of a wrong clock, and says as little as one long past. */
function isFresh({ spec }: Lease, nowMs: number): boolean {
  const limitMs = (spec.leaseDurationSeconds ?? 0) * 1000
  return Math.abs(nowMs - Date.parse(spec.renewTime ?? '')) <= limitMs
}

function isHeldBy({ spec: { holderIdentity } }: Lease, run: string): boolean {
  return holderIdentity !== undefined && runOf(holderIdentity) === run
}

function leaseOf({ namespace }: TargetReference): { namespace: string; name: string } {
  return { namespace, name: leaseName }
}

/** Kubernetes reads a `MicroTime` of six decimals and no other. */
function microTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z')
}

function lockedError(target: TargetReference, { spec }: Lease, nowMs: number): ChaosError {
  const quietMs = Math.max(0, nowMs - Date.parse(spec.renewTime ?? ''))
  const since = spec.acquireTime?.replace(/\.\d+Z$/, 'Z') ?? 'a time that it does not tell'
  return usageError(
    'CHAOS_TARGET_LOCKED',
    `The namespace "${target.namespace}" of the cluster "${target.name}" is in use: run ${spec.holderIdentity} has had it since ${since}, and was last heard of ${formatMilliseconds(quietMs)} ago. Nothing was done. Wait until it has ended, or name another namespace. Should it have died, its lock is free ${formatMilliseconds(durationMs)} after its last sign of life, and whoever takes it over undoes first what that run owes.`,
  )
}

function lostError(target: TargetReference, found: Lease | undefined): ChaosError {
  const holder = found?.spec.holderIdentity
  const now = holder === undefined ? 'its Lease was deleted' : `it is held by run ${holder} now`
  return new ChaosError(
    'CHAOS_TARGET_LOST',
    `The lock on the namespace "${target.namespace}" of the cluster "${target.name}" was lost: ${now}. This run was not heard of for too long (was the machine asleep?), so it must not act there any more.`,
  )
}
