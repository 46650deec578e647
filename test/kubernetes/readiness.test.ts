import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import type { ReadyCounts } from '../../src/journal/events.ts'
import { connect } from '../../src/kubernetes/api/client.ts'
import { onPermissionNoted } from '../../src/kubernetes/api/noted-permissions.ts'
import type { Permission } from '../../src/kubernetes/api/permissions.ts'
import { kubernetes } from '../../src/kubernetes/index.ts'
import { tellEndpoints } from '../../src/kubernetes/watch/readiness.ts'
import { createNamespace, otherGoodImage, type TestNamespace } from './cluster.ts'
import { sameTargetBy } from './kubeconfigs.ts'
import { openSpecSession, type SpecSession } from './spec-session.ts'
import { lab, type TestTarget } from './targets.ts'

const within = { within: '2m' } as const

let cluster: TestTarget
let namespace: TestNamespace

beforeAll(async () => {
  cluster = await lab.start()
  namespace = await createNamespace(cluster.target)
  await namespace.addDeployment('web')
  await namespace.addService('web')
  openSpecSession(namespace.target)
  await kubernetes.deployment('web').rolledOut(within)
}, 180_000)

afterAll(async () => {
  await cluster?.stop()
})

function readinessIn({ events }: SpecSession, subject: string): ReadyCounts[] {
  return events.flatMap((event) => (event.type === 'readiness-seen' && event.subject === subject ? [event.ready] : []))
}

const onlyBefore = { before: 1, later: 0, notReady: 0 }
const onlyLater = { before: 0, later: 1, notReady: 0 }

test('a rollout tells who is ready of which version, and who of that answers for its service', async () => {
  const session = openSpecSession(namespace.target)
  const needed: Permission[] = []
  onPermissionNoted((permission) => needed.push(permission))
  const web = kubernetes.deployment('web')
  await web.setImage('web', otherGoodImage)
  await web.rolledOut(within)
  for (const subject of ['deployment/web', 'service/web']) {
    await expect.poll(() => readinessIn(session, subject).at(-1), { timeout: 10_000 }).toEqual(onlyLater)
    expect(readinessIn(session, subject)[0]).toEqual(onlyBefore)
    expect(readinessIn(session, subject)).not.toContainEqual({ before: 0, later: 0, notReady: expect.anything() })
  }
  // Nobody has to grant what is only looked at.
  const granted = needed.map(({ resource }) => resource)
  expect(granted).toContain('deployments')
  for (const resource of ['pods', 'services', 'endpoints']) expect(granted).not.toContain(resource)
})

test('users tell who answers for the service that they call, until their hypothesis ends', async () => {
  const web = kubernetes.service('web')
  const session = openSpecSession(namespace.target)
  await web.url('/').reach()
  expect(readinessIn(session, 'service/web')).toHaveLength(1)
  await session.end()
  openSpecSession(namespace.target)
  await web.disconnect()
  await expect.poll(() => web.endpoints(), { timeout: 10_000 }).toEqual({ ready: [], notReady: [] })
  expect(readinessIn(session, 'service/web')).toHaveLength(1)
})

test('an API that does not answer holds nobody up, and tells nothing', async () => {
  const silent = await sameTargetBy(namespace.target, { server: 'https://127.0.0.1:1' })
  onTestFinished(() => silent.remove())
  const session = openSpecSession(silent.target)
  const client = await connect(silent.target, session.controller.signal)
  await tellEndpoints(client, { namespace: namespace.target.namespace, name: 'web' })
  expect(session.events).toEqual([])
})
