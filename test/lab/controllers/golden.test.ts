import { afterAll, beforeAll, expect, test } from 'vitest'
import { deployments } from '../../../src/lab/client/index.ts'
import { complete, eventually, setImage, startTestCluster, type TestCluster, web } from './cluster.ts'
import { expectAlike, lasting, readRecording, record } from './recording.ts'

const recording = new URL('../golden/rollouts-real-control-plane-1.20.2.jsonl', import.meta.url)

let cluster: TestCluster

beforeAll(async () => {
  cluster = await startTestCluster({ becomesReady: (image) => image !== 'web:v3', readyAfterMs: 250 })
})
afterAll(() => cluster.stop())

/** The seconds that a state must last, shorter than in the recording: only the order is compared. */
const minReadySeconds = 2
const deadlineSeconds = 3

test('a new version, back, one that never becomes ready, and back: as a real control plane does it', async () => {
  const { client } = cluster
  const spec = {
    minReadySeconds: minReadySeconds,
    progressDeadlineSeconds: deadlineSeconds,
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
  }
  await client.create(deployments, web('web', { spec }))
  await complete(client, 'web')
  const observer = await record(client, 'default')
  for (const image of ['web:v2', 'web:v1']) {
    await lasting()
    await setImage(client, 'web', image)
    await complete(client, 'web')
  }
  await lasting()
  const begin = Date.now()
  await setImage(client, 'web', 'web:v3')
  await eventually('the deadline is exceeded', async () => {
    const { status } = await client.get(deployments, { namespace: 'default', name: 'web' })
    return status?.conditions?.some(({ reason }) => reason === 'ProgressDeadlineExceeded')
  })
  const seconds = (Date.now() - begin) / 1000
  await lasting()
  await setImage(client, 'web', 'web:v1')
  await complete(client, 'web')

  const expected = readRecording(recording, ['v1', 'v2', 'v3'])
  const observed = await observer.stop()
  for (const object of ['ReplicaSet of v1', 'ReplicaSet of v2', 'ReplicaSet of v3']) {
    expect(observed[object]?.inFull).toEqual(expected[object]?.inFull)
  }
  // How long a short state lasts is up to the machine.
  expectAlike(observed['deployment web'], expected['deployment web'])
  expect(seconds).toBeGreaterThanOrEqual(deadlineSeconds - 0.1)
  expect(seconds).toBeLessThan(deadlineSeconds + 2)
}, 30_000)
