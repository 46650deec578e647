import { existsSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createNamespace, type TestNamespace } from '../kubernetes/cluster.ts'
import { lab, type TestTarget } from '../kubernetes/targets.ts'
import { Project } from '../support/project.ts'

// A cluster that is named, as any: here it is a lab that somebody else has started.

let cluster: TestTarget
let shop: TestNamespace
let production: TestNamespace

beforeAll(async () => {
  cluster = await lab.start()
  shop = await createNamespace(cluster.target)
  production = await createNamespace(cluster.target, { 'chaos-test/environment': 'production' })
})

afterAll(async () => {
  await cluster?.stop()
})

const nameOf = ({ target }: TestNamespace) => target.namespace

/** Runs a hypothesis that holds, on a namespace. `ran`: whether anything of the run was left. */
async function play(namespace: string, args: readonly string[] = [], config = {}) {
  const spec = `import { hypothesis } from 'chaos-test'\nhypothesis('holds', async () => {})\n`
  const project = new Project({
    'a.chaos.ts': spec,
    'chaos.config.ts': `export default ${JSON.stringify(config)}\n`,
  })
  const { kubeconfig } = cluster.target
  const on = ['--kubeconfig', kubeconfig, '--context', 'lab', '--namespace', namespace]
  const { exitCode, stderr } = await project.run([...on, ...args])
  return { exitCode, stderr, ran: existsSync(project.path('.chaos/latest')) }
}

const refused = (code: string) => ({ exitCode: 2, stderr: expect.stringContaining(`[${code}]`), ran: false })

test('a protected namespace is refused', async () => {
  expect(await play('kube-system')).toEqual(refused('CHAOS_NAMESPACE_PROTECTED'))
  const config = { safety: { protectedNamespaces: ['actions-*'] } }
  expect(await play(nameOf(shop), [], config)).toEqual(refused('CHAOS_NAMESPACE_PROTECTED'))
})

test('a namespace that is not one of those that the config allows is refused', async () => {
  const result = await play(nameOf(shop), [], { safety: { namespaces: ['orders', 'shop-*'] } })
  expect(result).toEqual(refused('CHAOS_NAMESPACE_NOT_ALLOWED'))
  expect(result.stderr).toContain('Allowed: "orders", "shop-*"')
})

test('a namespace that does not exist is refused', async () => {
  expect(await play('shpo')).toEqual(refused('CHAOS_NO_SUCH_NAMESPACE'))
})

test('an environment that the label of the namespace names must be confirmed by name', async () => {
  const namespace = nameOf(production)
  const unconfirmed = await play(namespace)
  expect(unconfirmed).toEqual(refused('CHAOS_ENVIRONMENT_NOT_CONFIRMED'))
  expect(unconfirmed.stderr).toContain('--yes-in production')
  expect(await play(namespace, ['--yes-in', 'staging'])).toEqual(refused('CHAOS_ENVIRONMENT_NOT_CONFIRMED'))
  expect(await play(namespace, ['--yes-in', 'production'])).toMatchObject({ exitCode: 0, ran: true })
})

test('so must the one that the config gives the context, whoever names that', async () => {
  const config = { target: { context: 'lab', environment: 'staging' } }
  expect(await play(nameOf(shop), [], config)).toEqual(refused('CHAOS_ENVIRONMENT_NOT_CONFIRMED'))
  const both = await play(nameOf(production), ['--yes-in', 'staging', '--yes-in', 'production'], config)
  expect(both).toMatchObject({ exitCode: 0, ran: true })
})

test('a share or an environment that makes no sense is refused with the config', async () => {
  const result = await play(nameOf(shop), [], { safety: { maxPods: 'half' } })
  expect(result).toEqual(refused('CHAOS_CONFIG_INVALID'))
  expect(result.stderr).toContain(`safety.maxPods: expected a share such as '50%'`)
})
