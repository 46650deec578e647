import { createServer } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import type { Check } from '../../src/cli/doctor/check.ts'
import { clockFinding } from '../../src/cli/doctor/clock.ts'
import { createNamespace, type TestNamespace } from '../kubernetes/cluster.ts'
import { sameTargetBy } from '../kubernetes/kubeconfigs.ts'
import { tokenUnder } from '../kubernetes/service-account.ts'
import { lab, realCluster, type TestTarget } from '../kubernetes/targets.ts'
import { Project } from '../support/project.ts'
import { listenOnLoopback } from '../traffic/loopback.ts'

const spec = `
  import { hypothesis, kubernetes } from 'chaos-test'
  hypothesis('web is there', async () => { await kubernetes.deployment('web').status() })
`

interface Report {
  ready: boolean
  target: string
  checks: Check[]
}

async function examine(project: Project, args: readonly string[]) {
  const { exitCode, stdout, stderr } = await project.run(['doctor', '--json', ...args])
  expect(stderr).toBe('')
  const report = JSON.parse(stdout) as Report
  const found = Object.fromEntries(report.checks.map(({ name, ...rest }) => [name, rest]))
  return { exitCode, report, found }
}

test('a lab of its own is started, looked at and ended, for people', async () => {
  const project = new Project({ 'a.chaos.ts': spec })
  const { exitCode, stdout } = await project.run(['doctor'])
  expect({ exitCode, stdout }).toMatchObject({ exitCode: 0 })
  expect(stdout).toMatch(/✓ specs +1 hypothesis in 1 file\n/)
  expect(stdout).toMatch(/✓ API server +v1\.\d+\.\d+-lab, answered in/)
  expect(stdout).toMatch(
    /! needs +a\.chaos\.ts: not known: it was never run or rehearsed here\n +"chaos-test --dry-run"/,
  )
  expect(stdout).toMatch(/! Prometheus .*scrapes nothing/)
  expect(stdout).toContain('A run can begin.')
  expect(project.survivors()).toEqual([])
})

describe.for([lab, realCluster])('what is looked at on $name', ({ runs, start }) => {
  if (!runs) return test.skip('is looked at', () => undefined)

  let cluster: TestTarget | undefined
  let namespace: TestNamespace
  let project: Project
  let on: string[]

  beforeAll(async () => {
    cluster = await start()
    namespace = await createNamespace(cluster.target, { 'chaos-test/environment': 'staging' })
    await namespace.addDeployment('web')
  })

  beforeEach(() => {
    project = new Project({ 'a.chaos.ts': spec })
    on = flagsOf(namespace.target)
  })

  afterAll(async () => {
    await namespace?.remove()
    await cluster?.stop()
  })

  test('is ready, and what a run needs is said', async () => {
    expect(await project.run(['--dry-run', ...on])).toMatchObject({ exitCode: 0 })
    const { exitCode, report, found } = await examine(project, on)
    expect({ exitCode, report }).toMatchObject({ exitCode: 0, report: { ready: true } })
    expect(found).toMatchObject({
      target: { status: 'ok', found: expect.stringContaining(namespace.target.namespace) },
      'API server': { status: 'ok' },
      clock: { status: 'ok' },
      namespace: { status: 'note', found: expect.stringContaining('--yes-in staging') },
      lock: { status: 'ok', found: 'free' },
      permissions: { status: 'ok', found: expect.stringContaining('all that the specs needed') },
      needs: { status: 'ok', found: 'a.chaos.ts: get deployments' },
      Prometheus: { status: 'note', found: expect.stringContaining('none is configured') },
    })
  })

  test('is not ready where nobody answers, and what can be told without it is told', async () => {
    const { target, remove } = await sameTargetBy(namespace.target, { server: 'https://127.0.0.1:1' })
    onTestFinished(remove)
    const { exitCode, report, found } = await examine(project, flagsOf(target))
    expect({ exitCode, ready: report.ready }).toEqual({ exitCode: 5, ready: false })
    expect(found).toMatchObject({
      specs: { status: 'ok' },
      'API server': { status: 'failed', code: 'CHAOS_UNREACHABLE' },
      traces: { status: 'ok' },
    })
    expect(found).not.toHaveProperty('permissions')
  })

  test('is not ready with a namespace that is protected, or not there', async () => {
    const inNamespace = (name: string) => [...on.slice(0, -1), name]
    const system = await examine(project, inNamespace('kube-system'))
    expect(system).toMatchObject({ exitCode: 2, found: { namespace: { code: 'CHAOS_NAMESPACE_PROTECTED' } } })
    const missing = await examine(project, inNamespace('no-such-namespace'))
    expect(missing).toMatchObject({ exitCode: 2, found: { namespace: { code: 'CHAOS_NO_SUCH_NAMESPACE' } } })
  })

  test('specs that cannot be loaded, and a Prometheus that is none, are found beside the rest', async () => {
    const server = createServer((_request, response) => response.end('<h1>Hello</h1>'))
    onTestFinished(() => void server.close())
    const url = `http://127.0.0.1:${await listenOnLoopback(server)}`
    project.write({ 'chaos.config.ts': `export default { prometheus: { url: '${url}' } }` })
    const wrong = await examine(project, on)
    expect(wrong).toMatchObject({ exitCode: 4, found: { Prometheus: { code: 'CHAOS_PROMETHEUS_BAD_ANSWER' } } })
    project.write({ 'a.chaos.ts': 'const = ;' })
    const broken = await examine(project, on)
    expect(broken).toMatchObject({
      exitCode: 2,
      found: { specs: { code: 'CHAOS_SPEC_BROKEN' }, lock: { status: 'ok' } },
    })
  })
})

describe(`who may only look, on ${realCluster.name}`, () => {
  if (!realCluster.runs) return test.skip('is told what is missing', () => undefined)

  test('is told all that is missing', async () => {
    const { target } = await realCluster.start()
    const namespace = await createNamespace(target)
    onTestFinished(() => namespace.remove())
    const rules = [{ apiGroups: [''], resources: ['namespaces', 'secrets'], verbs: ['get', 'list'] }]
    const access = await sameTargetBy(namespace.target, { token: await tokenUnder(namespace, 'looking', rules) })
    onTestFinished(access.remove)
    const { exitCode, found } = await examine(new Project({ 'a.chaos.ts': spec }), flagsOf(access.target))
    expect({ exitCode, found }).toMatchObject({
      exitCode: 5,
      found: {
        lock: { status: 'failed', code: 'CHAOS_FORBIDDEN' },
        permissions: { status: 'failed', code: 'CHAOS_FORBIDDEN' },
      },
    })
    const { found: missing = '' } = found.permissions ?? {}
    expect(missing).toContain(`update leases "chaos-test" in "${namespace.target.namespace}"`)
    expect(missing).toContain('create secrets')
    expect(missing).not.toContain('list secrets')
  })
})

function flagsOf({ kubeconfig, context, namespace }: TestTarget['target']): string[] {
  return Object.entries({ kubeconfig, context, namespace }).flatMap(([flag, value]) => [`--${flag}`, value])
}

describe('two clocks', () => {
  const asked = { sentAt: 10_400, receivedAt: 10_600, resolutionMs: 1000 }

  test.each([
    ['that were cut off at the second', 10_000],
    ['that are a little apart', 12_000],
  ])('%s are the same', (_, saidAt) => {
    expect(clockFinding('it', { ...asked, saidAt })).toMatchObject({ status: 'ok' })
  })

  test.each([
    [70_600, '1 min ahead of ours'],
    [-1_600, '11 s behind ours'],
  ])('that are %i ms apart are not', (saidAt, said) => {
    expect(clockFinding('it', { ...asked, saidAt })).toMatchObject({
      status: 'note',
      found: expect.stringContaining(said),
    })
  })

  test('cannot be compared where one is silent', () => {
    expect(clockFinding('it', { ...asked, saidAt: undefined })).toMatchObject({ status: 'skipped' })
  })
})
