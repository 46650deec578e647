import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { kubernetes } from '../../src/kubernetes/index.ts'
import { targetKeeper } from '../../src/kubernetes/undo.ts'
import { type PodTemplateArgs, podTemplate } from '../../src/kubernetes/undos/pod-template.ts'
import { createNamespace, otherGoodImage, type TestNamespace } from './cluster.ts'
import { sameTargetBy, type TemporaryTarget } from './kubeconfigs.ts'
import { tokenUnder } from './service-account.ts'
import { openSpecSession } from './spec-session.ts'
import { realCluster, type TestTarget } from './targets.ts'

describe(`who may only look, on ${realCluster.name}`, () => {
  if (!realCluster.runs) return test.skip('is told what is missing', () => undefined)

  let cluster: TestTarget | undefined
  let namespace: TestNamespace
  let looking: TemporaryTarget

  beforeAll(async () => {
    cluster = await realCluster.start()
    namespace = await createNamespace(cluster.target)
    await namespace.addDeployment('web')
    openSpecSession(namespace.target)
    await kubernetes.deployment('web').rolledOut({ within: '2m' })
    const rules = [{ apiGroups: ['apps'], resources: ['deployments'], verbs: ['get', 'list'] }]
    looking = await sameTargetBy(namespace.target, { token: await tokenUnder(namespace, 'looking', rules) })
  })

  afterAll(async () => {
    await looking?.remove()
    await namespace?.remove()
    await cluster?.stop()
  })

  test('learns which permission is missing', async () => {
    const session = openSpecSession(looking.target)
    const web = kubernetes.deployment('web')
    expect(await web.status()).toMatchObject({ available: 1 })
    await expect(web.setImage('web', otherGoodImage)).rejects.toMatchObject({
      code: 'CHAOS_FORBIDDEN',
      message: expect.stringMatching(
        /^Not allowed to patch deployments\/web .*needs the verb "patch" on "deployments"/,
      ),
    })
    expect(session.performed).toEqual([])
    await expect(kubernetes.service('web').url('/').resolve()).rejects.toMatchObject({ code: 'CHAOS_FORBIDDEN' })
  })

  test('cannot have the lock of the namespace, nor keep in it what is owed', async () => {
    const { signal } = new AbortController()
    await expect(targetKeeper.lock(looking.target, { run: 'a', signal })).rejects.toMatchObject({
      code: 'CHAOS_FORBIDDEN',
      message: expect.stringMatching(/^Not allowed to get leases\/chaos-test .*needs the verb "get" on "leases"/),
    })
    await expect(targetKeeper.owed(looking.target, { root: '/', signal })).rejects.toMatchObject({
      code: 'CHAOS_FORBIDDEN',
      message: expect.stringContaining('needs the verb "list" on "secrets"'),
    })
  })

  test('or nothing at all, is told so', async () => {
    const unknown = await sameTargetBy(namespace.target, { token: 'no-such-token' })
    openSpecSession(unknown.target)
    await expect(kubernetes.deployment('web').status()).rejects.toMatchObject({ code: 'CHAOS_UNAUTHORIZED' })
    await unknown.remove()
  })

  test('sees rollouts, also where a watch is forbidden', async () => {
    const all = openSpecSession(namespace.target)
    await kubernetes.deployment('web').restart()
    openSpecSession(looking.target)
    expect(await kubernetes.deployment('web').rolloutStatus({ within: '2m' })).toBe('complete')

    const args = all.performed[0]?.undo.args as PodTemplateArgs
    const context = { target: looking.target, signal: new AbortController().signal }
    await expect(podTemplate.undo(args, context)).rejects.toMatchObject({ code: 'CHAOS_FORBIDDEN' })
  })
})
