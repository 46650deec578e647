import { existsSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { ExperimentJournal } from '../../src/journal/types.ts'
import { createNamespace, goodImage, otherGoodImage, type TestNamespace } from '../kubernetes/cluster.ts'
import { lab, realCluster, type TestTarget } from '../kubernetes/targets.ts'
import { addFileSpec } from '../support/file-specs.ts'
import { Project } from '../support/project.ts'

const rollout = `
  import { afterAll, beforeAll, expect, hypothesis, kubernetes, rollback, steadyState } from 'chaos-test'

  const web = kubernetes.deployment('web')
  beforeAll(() => steadyState('one is available', async () => { expect((await web.status()).available).toBe(1) }))
  hypothesis('a new version', async () => {
    await web.setImage('web', '${otherGoodImage}')
    await web.rolledOut({ within: '2m' })
    await web.restart()
  })
  hypothesis.deviates('is seen at once', async () => {
    await web.setImage('web', '${otherGoodImage}')
    expect((await web.status()).images.web).toBe('${otherGoodImage}')
  })
  hypothesis('what is not there', () => kubernetes.deployment('wbe').restart())
  afterAll(rollback)
`

/** Actions that wait, on something that a budget keeps where it is. */
const endings = `
  import { afterAll, hypothesis, kubernetes, rollback } from 'chaos-test'

  const pods = kubernetes.deployment('web').pods()
  hypothesis('its pod ends', async () => {
    await kubernetes.object({ apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }).delete()
    await pods.terminate()
    await pods.evict({ within: '4m' })
    const [pod] = await pods.statuses()
    await kubernetes.node(pod.node).drain({ within: '4m' })
  })
  hypothesis('its pod is alone', () => pods.isolate({ ingress: true, proof: () => true, enforcedWithin: '4m' }))
  afterAll(rollback)
`

describe.for([lab, realCluster])('a dry run on $name', ({ name, runs, start }) => {
  if (!runs) return test.skip('changes nothing', () => undefined)

  let cluster: TestTarget | undefined
  let namespace: TestNamespace
  let project: Project
  let on: string[]

  beforeAll(async () => {
    cluster = await start()
    namespace = await createNamespace(cluster.target, { 'chaos-test/environment': 'production' })
    await namespace.addDeployment('web')
    const isAvailable = async () => expect((await deployment()).status?.availableReplicas).toBe(1)
    await vi.waitFor(isAvailable, { timeout: 60_000, interval: 200 })
  })

  beforeEach(() => {
    project = new Project({ 'a.chaos.ts': rollout })
    const { kubeconfig, context, namespace: name } = namespace.target
    on = Object.entries({ kubeconfig, context, namespace: name }).flatMap(([flag, value]) => [`--${flag}`, value])
  })

  afterAll(async () => {
    await namespace?.remove()
    await cluster?.stop()
  })

  const deployment = () =>
    namespace.apps.readNamespacedDeployment({ namespace: namespace.target.namespace, name: 'web' })

  /** Nothing was written into the namespace: neither by an action, nor a lock, nor what would be owed. */
  async function nothingWasWritten(): Promise<void> {
    const { metadata, spec } = await deployment()
    expect(metadata?.generation).toBe(1)
    expect(spec?.template.spec?.containers[0]?.image).toBe(goodImage)
    const { items } = await namespace.core.listNamespacedSecret({ namespace: namespace.target.namespace })
    expect(items.filter(({ type }) => type === 'chaos-test/owed')).toEqual([])
  }

  test('tells what would be done and undone, asks the cluster whether it would take it, and changes nothing', async () => {
    const { exitCode, stdout } = await project.run(['--dry-run', ...on])
    const text = stdout.replace(/\s+/g, ' ')
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 5 })
    expect(text).toContain(`would set image of deployment/web to ${otherGoodImage}`)
    expect(text).toContain('would undo the pod template of deployment/web as it was')
    expect(text).toContain('would restart deployment/web')
    expect(text).toContain('ended at an assertion')
    expect(text).toContain('3 hypotheses: 2 dry run, 1 failed')
    expect(text).toContain('CHAOS_NO_SUCH_DEPLOYMENT')
    await nothingWasWritten()

    const journals = project.experiments() as unknown as ExperimentJournal[]
    const planned = journals.map((journal) => journal['chaos-test'].planned.map(({ rehearsed }) => rehearsed))
    expect(planned.sort((a, b) => b.length - a.length)).toEqual([[true, true], [true], []])
    expect(journals.map((journal) => journal['chaos-test'].mode)).toEqual(Array(3).fill('dry-run'))
    expect(journals.flatMap((journal) => journal['chaos-test'].actions)).toEqual([])
    expect(JSON.parse(project.read('.chaos/latest/journal.json'))).toMatchObject({ mode: 'dry-run' })
  })

  test('does not wait for what nothing was done for', async () => {
    await namespace.addBudget('web', { minAvailable: 1 })
    const pods = () => namespace.core.listNamespacedPod({ namespace: namespace.target.namespace })
    const before = (await pods()).items.map(({ metadata }) => metadata?.name)
    project.write({ 'a.chaos.ts': endings, 'chaos.config.ts': `export default { safety: { maxNodes: '100%' } }` })
    const { exitCode, stdout } = await project.run(['--dry-run', ...on])
    const text = stdout.replace(/\s+/g, ' ')
    expect(text).toContain('would delete deployment/web')
    for (const pod of before) {
      expect(text).toContain(`would terminate pod/${pod}`)
      expect(text).toContain(`would evict pod/${pod}`)
      expect(text).toMatch(`pod/${pod} would not be evicted now: `)
    }
    expect(text).toMatch(/would drain node\/.*would undo (a pod|pods) in the place of/)
    expect(text).toMatch(/would cordon node\/.*would undo schedulability/)
    // A lab has no NetworkPolicies.
    if (name === lab.name) expect(text).toContain('CHAOS_NOT_SERVED')
    else expect(text).toContain('would deny ingress of the pods of deployment/web')
    expect({ exitCode, stdout }).toMatchObject({ exitCode: name === lab.name ? 5 : 0 })
    expect((await pods()).items.map(({ metadata }) => metadata?.name)).toEqual(before)
    await nothingWasWritten()
  })

  test('so does a look at the steady state alone, which plays no hypothesis', async () => {
    const { exitCode, stdout } = await project.run(['--only', 'steady-state', ...on])
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('3 steady') })
    await nothingWasWritten()
  })
})

describe('without a cluster', () => {
  async function play(hypotheses: string, args: readonly string[]) {
    const project = new Project()
    onTestFinished(() => expect(project.read('target.txt')).toBe('v1'))
    addFileSpec(project, 'a.chaos.ts', hypotheses)
    return { ...(await project.run(args)), project }
  }

  test('an action of the project is told and not done', async () => {
    const { exitCode, stdout } = await play(`hypothesis('a new text', () => setTarget('v2'))`, ['--dry-run'])
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 0 })
    const text = stdout.replace(/\s+/g, ' ')
    expect(text).toContain('would write v2 (the target was not asked')
    expect(text).toContain('would undo the text of target.txt as it was')
  })

  test('a steady state that is not there is exit 3, and one that is not declared exit 4', async () => {
    const unsteady = `
      beforeAll(() => steadyState('the text is v0', () => { expect(readTarget()).toBe('v0') }))
      hypothesis('a new text', () => setTarget('v2'))
    `
    expect(await play(unsteady, ['--dry-run'])).toMatchObject({ exitCode: 3 })
    expect(await play(unsteady, ['--only', 'steady-state'])).toMatchObject({ exitCode: 3 })
    const { exitCode, stdout } = await play(`hypothesis('a new text', () => setTarget('v2'))`, [
      '--only',
      'steady-state',
    ])
    expect({ exitCode, stdout }).toMatchObject({
      exitCode: 4,
      stdout: expect.stringContaining('CHAOS_NO_STEADY_STATE'),
    })
  })

  test('an action in a hook is refused where only the steady state is looked at', async () => {
    const { exitCode, stdout } = await play(`beforeAll(() => setTarget('v2'))\nhypothesis('holds', () => {})`, [
      '--only',
      'steady-state',
    ])
    expect({ exitCode, stdout }).toMatchObject({
      exitCode: 5,
      stdout: expect.stringMatching(/only\s+the\s+steady\s+state\s+is\s+looked\s+at/),
    })
  })

  test('two modes at once, and a part that there is not, are refused', async () => {
    const twice = await play(`hypothesis('holds', () => {})`, ['--dry-run', '--only', 'steady-state'])
    expect(twice).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('CHAOS_TWO_MODES') })
    expect(await twice.project.run(['--only', 'method'])).toMatchObject({ exitCode: 2 })
    expect(existsSync(twice.project.path('.chaos'))).toBe(false)
  })
})
