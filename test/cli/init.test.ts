import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { container, createNamespace, goodImage, type TestNamespace } from '../kubernetes/cluster.ts'
import { lab, realCluster, type TestTarget } from '../kubernetes/targets.ts'
import { Project } from '../support/project.ts'

test('an example is written, and its spec is what init writes for the manifests of its config; it runs', async () => {
  const project = new Project()
  const example = await project.run(['init', '--example'])
  expect(example).toMatchObject({ exitCode: 0, stderr: '' })
  expect(example.stdout).toContain('wrote specs/web.chaos.ts')
  const config = project.read('chaos.config.ts')
  const spec = project.read('specs/web.chaos.ts')

  const again = await project.run(['init', '--example'])
  expect(again).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('CHAOS_FILE_EXISTS') })
  const found = await project.run(['init'])
  expect(found).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('specs/web.chaos.ts is there already') })

  expect(project.read('specs/web.chaos.ts')).toBe(spec)
  project.remove('specs/web.chaos.ts')
  const { exitCode, stdout } = await project.run(['init'])
  expect({ exitCode, stdout }).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining('found deployment/web: its users call service/web at /'),
  })
  expect(project.read('specs/web.chaos.ts')).toBe(spec)
  expect(project.read('chaos.config.ts')).toBe(config)
  expect(project.survivors()).toEqual([])

  const played = await project.run([])
  expect({ exitCode: played.exitCode, stdout: played.stdout }).toMatchObject({ exitCode: 0 })
  expect(played.stdout).toContain('✓ held  a restart of web is transparent to its users')
})

test('without a target and without manifests there is nothing to find', async () => {
  const project = new Project()
  expect(await project.run(['init'])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringMatching(/--context NAME.*--example.*\[CHAOS_NOTHING_TO_BEGIN_WITH\]/),
  })
  expect(project.list('.')).toEqual(['node_modules', 'package.json'])
})

describe.for([lab, realCluster])('what is found on $name', ({ runs, start }) => {
  if (!runs) return test.skip('is written and runs', () => undefined)

  let cluster: TestTarget | undefined
  let namespace: TestNamespace

  beforeAll(async () => {
    cluster = await start()
    namespace = await createNamespace(cluster.target)
  })

  afterAll(async () => {
    await namespace?.remove()
    await cluster?.stop()
  })

  function flags(): string[] {
    const { kubeconfig, context, namespace: name } = namespace.target
    return Object.entries({ kubeconfig, context, namespace: name }).flatMap(([flag, value]) => [`--${flag}`, value])
  }

  test('is written as a config and a spec, which both run', async () => {
    const project = new Project()
    expect(await project.run(['init', ...flags()])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('There is no deployment in the namespace'),
    })
    // It drains, as an application must: else its users lose requests also when the restart is undone.
    const draining = { ...container('web'), env: [{ name: 'DRAIN_MS', value: '2000' }] }
    await namespace.addDeployment('web', { containers: [draining], graceSeconds: 10 })
    await namespace.addDeployment('never-there', { replicas: 0 })
    await namespace.addService('web', { type: 'NodePort' })
    const isAvailable = async () => {
      const { status } = await namespace.apps.readNamespacedDeployment({
        ...{ namespace: namespace.target.namespace, name: 'web' },
      })
      expect(status?.availableReplicas).toBe(1)
    }
    await vi.waitFor(isAvailable, { timeout: 60_000, interval: 200 })

    expect(await project.run(['init', 'wbe', ...flags()])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/no deployment "wbe".*It has: never-there, web/),
    })
    const { exitCode, stdout, stderr } = await project.run(['init', ...flags()])
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(stdout).toContain('found deployment/web')
    expect(stdout).toContain('others there: never-there')
    expect(project.read('chaos.config.ts')).toContain(`namespace: '${namespace.target.namespace}'`)

    const played = await project.run([])
    // Whether users of it notice a restart is for it to say; that they are asked is for us.
    expect([0, 1], played.stdout + played.stderr).toContain(played.exitCode)
    expect(played.stdout).toMatch(/(held|deviated) {2}a restart of web/)
    expect(played.stdout).toContain('undone      the pod template of deployment/web as it was')
    const { spec } = await namespace.apps.readNamespacedDeployment({
      ...{ namespace: namespace.target.namespace, name: 'web' },
    })
    expect(spec?.template.spec?.containers[0]?.image).toBe(goodImage)
  })
})
