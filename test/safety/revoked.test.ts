import type { V1PolicyRule } from '@kubernetes/client-node'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createNamespace, goodImage, otherGoodImage, type TestNamespace } from '../kubernetes/cluster.ts'
import { sameTargetBy } from '../kubernetes/kubeconfigs.ts'
import { Somebody } from '../kubernetes/service-account.ts'
import { realCluster, type TestTarget } from '../kubernetes/targets.ts'
import { Project } from '../support/project.ts'

/** After two actions it says so, and waits until the permissions of the first are gone. */
const spec = `
  import { existsSync, writeFileSync } from 'node:fs'
  import { afterAll, eventually, hypothesis, kubernetes, rollback } from 'chaos-test'

  const settings = kubernetes.configMap('settings')

  hypothesis('it bears other settings', async () => {
    await settings.set('timeout', '50ms')
    await kubernetes.deployment('web').setImage('web', '${otherGoodImage}')
    writeFileSync('done', '')
    await eventually(() => existsSync('revoked'), { within: '60s' })
    await settings.set('timeout', '10ms')
  })
  afterAll(rollback)
`

const toChangeSettings: V1PolicyRule[] = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['patch'] }]

const forAllElse: V1PolicyRule[] = [
  { apiGroups: [''], resources: ['configmaps', 'namespaces'], verbs: ['get'] },
  { apiGroups: [''], resources: ['secrets'], verbs: ['*'] },
  { apiGroups: ['apps', 'coordination.k8s.io'], resources: ['*'], verbs: ['*'] },
]

describe(`who loses a permission in the middle of a run, on ${realCluster.name}`, () => {
  if (!realCluster.runs) return test.skip('is refused what needs it', () => undefined)

  let cluster: TestTarget | undefined
  let namespace: TestNamespace

  beforeAll(async () => {
    cluster = await realCluster.start()
    namespace = await createNamespace(cluster.target)
    await namespace.addDeployment('web')
    await namespace.core.createNamespacedConfigMap({
      namespace: namespace.target.namespace,
      body: { metadata: { name: 'settings' }, data: { timeout: '1s' } },
    })
  })

  afterAll(async () => {
    await namespace?.remove()
    await cluster?.stop()
  })

  async function present(): Promise<{ image: string | undefined; timeout: string | undefined }> {
    const at = { namespace: namespace.target.namespace }
    const { spec } = await namespace.apps.readNamespacedDeployment({ ...at, name: 'web' })
    const { data } = await namespace.core.readNamespacedConfigMap({ ...at, name: 'settings' })
    return { image: spec?.template.spec?.containers[0]?.image, timeout: data?.timeout }
  }

  const flagsOf = ({ kubeconfig, context, namespace: name } = namespace.target) =>
    Object.entries({ kubeconfig, context, namespace: name }).flatMap(([flag, value]) => [`--${flag}`, value])

  test('is refused what needs it and owes what its undo needs it for, until somebody undoes it who may', async () => {
    const somebody = await Somebody.create(namespace, 'somebody')
    await somebody.grant('settings', toChangeSettings)
    await somebody.grant('all-else', forAllElse)
    const access = await sameTargetBy(namespace.target, { token: await somebody.token() })
    const project = new Project({ 'a.chaos.ts': spec })
    const command = project.start(flagsOf(access.target))
    const isDone = () => expect(project.list('.'), command.stdout + command.stderr).toContain('done')
    await vi.waitFor(isDone, { timeout: 60_000, interval: 100 })
    await somebody.revoke('settings')
    project.write({ revoked: '' })

    const { exitCode, stdout } = await command.ended
    const text = stdout.replace(/\s+/g, ' ')
    expect({ exitCode, text }).toMatchObject({ exitCode: 6 })
    expect(text).toMatch(/method Not allowed to patch configmaps\/settings .* needs the verb "patch" on "configmaps"/)
    expect(text.match(/did set/g)).toHaveLength(2)
    expect(text).toContain('undone the pod template of deployment/web as it was')
    expect(text).toContain('STILL OWED')
    expect(await present()).toEqual({ image: goodImage, timeout: '50ms' })

    // Who has lost the permission cannot undo it later either, and is told so.
    const again = await project.run(['recover'])
    expect(again).toMatchObject({ exitCode: 6, stderr: expect.stringContaining('still owed') })

    const recovered = await new Project().run(['recover', ...flagsOf()])
    expect(recovered).toMatchObject({ exitCode: 0, stderr: '' })
    expect(recovered.stdout).toContain('undone: ')
    expect(await present()).toEqual({ image: goodImage, timeout: '1s' })
    await access.remove()
  })
})
