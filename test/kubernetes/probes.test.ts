import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { kubernetes } from '../../src/kubernetes/index.ts'
import { eventually } from '../../src/probes/index.ts'
import { createNamespace, missingImage, otherGoodImage, type TestNamespace } from './cluster.ts'
import { openSpecSession, type SpecSession } from './spec-session.ts'
import { lab, realCluster, type TestTarget } from './targets.ts'
import { undoAll } from './undoing.ts'

const within = { within: '2m' } as const

describe.for([lab, realCluster])('what a spec asks about a deployment on $name', ({ runs, start }) => {
  if (!runs) return test.skip('is answered', () => undefined)

  let cluster: TestTarget | undefined
  let namespace: TestNamespace
  let session: SpecSession
  const web = kubernetes.deployment('web')
  const service = kubernetes.service('web')

  beforeAll(async () => {
    cluster = await start()
    namespace = await createNamespace(cluster.target)
    await Promise.all([namespace.addDeployment('web', { replicas: 2 }), namespace.addService('web')])
    openSpecSession(namespace.target)
    await web.available(within)
  })

  beforeEach(() => {
    session = openSpecSession(namespace.target)
  })

  afterAll(async () => {
    await namespace?.remove()
    await cluster?.stop()
  })

  test('how available it is: zero pods are no success', async () => {
    expect(await web.availability()).toBe('full')
    await web.scale(0)
    expect(await web.availability()).not.toBe('full')
    await eventually(async () => expect(await web.availability()).toBe('none'), within)
    await expect(web.available({ within: '0s' })).rejects.toMatchObject({
      code: 'CHAOS_NOT_AVAILABLE',
      verdict: 'deviated',
    })
    await undoAll(session, namespace.target)
    await web.stable({ for: '500ms', ...within })
  })

  test('whether it is stable: not while it rolls out', async () => {
    await web.setImage('web', missingImage)
    await expect(web.stable({ for: '100ms', within: '1s' })).rejects.toMatchObject({ code: 'CHAOS_NOT_AVAILABLE' })
    await undoAll(session, namespace.target)
  })

  test('who answers for its service', async () => {
    const pods = (await web.pods().statuses()).filter(({ ready }) => ready).map(({ name }) => name)
    await eventually(
      async () => expect(await service.endpoints()).toEqual({ ready: pods.sort(), notReady: [] }),
      within,
    )
    await expect(kubernetes.service('absent').endpoints()).rejects.toMatchObject({ code: 'CHAOS_NO_SUCH_SERVICE' })
  })

  test('what has happened to it since', async () => {
    const before = await kubernetes.events({ about: 'deployment/web' })
    expect(before.map(({ reason }) => reason)).toContain('ScalingReplicaSet')
    const since = new Date()
    await web.setImage('web', otherGoodImage)
    const events = await eventually(async () => {
      const found = await kubernetes.events({ since, about: 'deployment/web', reason: 'ScalingReplicaSet' })
      expect(found).not.toEqual([])
      return found
    }, within)
    expect(events.at(-1)).toMatchObject({ about: 'deployment/web', type: 'Normal', count: expect.any(Number) })
    expect(await kubernetes.events({ about: 'deployment/absent' })).toEqual([])
    await undoAll(session, namespace.target)
  })

  test('how often its containers were restarted', async () => {
    expect(await web.pods().restarts()).toBe(0)
  })
})
