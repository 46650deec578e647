import { hostname } from 'node:os'
import { CustomObjectsApi, KubeConfig } from '@kubernetes/client-node'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Lease } from '../../src/kubernetes/api/resources.ts'
import { continueLease, takeLease } from '../../src/kubernetes/keeper/lease.ts'
import type { TargetLock } from '../../src/undo/target-keeper.ts'
import { createNamespace, type TestNamespace } from './cluster.ts'
import { StepClock } from './step-clock.ts'
import { lab, type TestTarget } from './targets.ts'

const { signal } = new AbortController()
const first = { run: '2026-01-01T00-00-00-0001', signal }
const second = { run: '2026-01-01T00-00-05-0002', signal }
const start = Date.parse('2026-01-01T00:00:00Z')

let cluster: TestTarget
let namespace: TestNamespace
let clock: StepClock
let held: TargetLock[] = []

beforeAll(async () => {
  cluster = await lab.start()
})

beforeEach(async () => {
  namespace = await createNamespace(cluster.target)
  clock = new StepClock(start)
})

afterEach(async () => {
  await Promise.all(held.map((lock) => lock.release()))
  held = []
  await namespace.remove()
})

afterAll(async () => {
  await cluster?.stop()
})

async function take(request: typeof first & { dead?: string }, by = clock): Promise<TargetLock> {
  const lock = await takeLease(namespace.target, request, by)
  held.push(lock)
  return lock
}

async function readLease(): Promise<Lease> {
  const config = new KubeConfig()
  config.loadFromFile(cluster.target.kubeconfig)
  return await config.makeApiClient(CustomObjectsApi).getNamespacedCustomObject({
    group: 'coordination.k8s.io',
    version: 'v1',
    plural: 'leases',
    namespace: namespace.target.namespace,
    name: 'chaos-test',
  })
}

/** A run that holds the Lease, and was last heard of before all this time. */
async function deadFor(milliseconds: number): Promise<void> {
  await take(first, new StepClock(start - milliseconds))
}

test('a run signs the Lease with its id, its user and its machine', async () => {
  await take(first)
  expect((await readLease()).spec).toMatchObject({
    holderIdentity: expect.stringMatching(new RegExp(`^${first.run} \\(.+ on ${hostname()}\\)$`)),
    leaseDurationSeconds: 20,
    acquireTime: '2026-01-01T00:00:00.000000Z',
    renewTime: '2026-01-01T00:00:00.000000Z',
    leaseTransitions: 0,
  })
})

test('another run is refused, and is told who has it and since when', async () => {
  await take(first)
  await expect(takeLease(namespace.target, second, new StepClock(start + 3000))).rejects.toMatchObject({
    code: 'CHAOS_TARGET_LOCKED',
    verdict: 'usage',
    message: expect.stringMatching(
      new RegExp(`in use: run ${first.run} .* has had it since 2026-01-01T00:00:00Z, and was last heard of 3 ?s ago`),
    ),
  })
})

test('of several that ask at the same time, one gets it', async () => {
  const runs = ['a', 'b', 'c', 'd'].map((run) => take({ run, signal }))
  const outcomes = await Promise.allSettled(runs)
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'CHAOS_TARGET_LOCKED' })
  }
})

test('the heartbeat keeps it: long after its first duration it is still refused to others', async () => {
  await take(first)
  for (const beat of [5, 10, 15, 20, 25]) {
    await clock.step(5000)
    const renewTime = new Date(start + beat * 1000).toISOString().replace('Z', '000Z')
    await expect.poll(async () => (await readLease()).spec.renewTime).toBe(renewTime)
  }
  await expect(take(second)).rejects.toMatchObject({ code: 'CHAOS_TARGET_LOCKED' })
})

test('what is given back is free at once, and counts its transitions', async () => {
  const lock = await take(first)
  await lock.release()
  expect((await readLease()).spec).not.toHaveProperty('holderIdentity')
  expect((await take(second)).takenFrom).toBeUndefined()
  expect((await readLease()).spec).toMatchObject({ leaseTransitions: 1 })
})

test('one that has expired is watched for another heartbeat, and then taken over', async () => {
  await deadFor(21_000)
  const taking = take(second)
  await clock.slept()
  expect((await readLease()).spec.holderIdentity).toContain(first.run)
  await clock.step(6000)
  expect((await taking).takenFrom).toBe(first.run)
  expect((await readLease()).spec.holderIdentity).toContain(second.run)
})

test.each([
  ['behind', -3_600_000],
  ['ahead', 3_600_000],
])('a holder that lives is not robbed because its clock is %s', async (_, skewMs) => {
  const skewed = new StepClock(start + skewMs)
  await take(first, skewed)
  const before = await readLease()
  const taking = take(second)
  await clock.slept()
  await skewed.step(5000)
  await expect.poll(async () => (await readLease()).spec.renewTime).not.toBe(before.spec.renewTime)
  await Promise.all([expect(taking).rejects.toMatchObject({ code: 'CHAOS_TARGET_LOCKED' }), clock.step(6000)])
})

test('that of a run which is known to have died is taken at once', async () => {
  await take(first)
  const lock = await take({ ...second, dead: first.run })
  expect(lock.takenFrom).toBe(first.run)
})

test('who has lost it is told at the next heartbeat, and does not give back what is not its own', async () => {
  const robbed = await take(first)
  await take({ ...second, dead: first.run })
  await clock.step(5000)
  await expect.poll(() => robbed.lost.aborted).toBe(true)
  expect(robbed.lost.reason).toMatchObject({
    code: 'CHAOS_TARGET_LOST',
    message: expect.stringContaining(`held by run ${second.run}`),
  })
  await robbed.release()
  expect((await readLease()).spec.holderIdentity).toContain(second.run)
})

test('the guardian goes on with the lock of its command, and with no other', async () => {
  await take(first)
  const lock = await continueLease(namespace.target, first, clock)
  await lock?.release()
  expect((await readLease()).spec).not.toHaveProperty('holderIdentity')
  await take(second)
  expect(await continueLease(namespace.target, first, clock)).toBeUndefined()
})
