import type { V1PolicyRule } from '@kubernetes/client-node'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { createNamespace, goodImage, otherGoodImage, type TestNamespace } from '../kubernetes/cluster.ts'
import { sameTargetBy } from '../kubernetes/kubeconfigs.ts'
import { tokenUnder } from '../kubernetes/service-account.ts'
import { lab, realCluster, type TestTarget } from '../kubernetes/targets.ts'
import { Project } from '../support/project.ts'

/** Two actions, one after the other, each on a deployment of its own. */
const spec = `
  import { afterAll, expect, hypothesis, kubernetes, rollback } from 'chaos-test'

  hypothesis('both get a new version', async () => {
    await kubernetes.deployment('web').setImage('web', '${otherGoodImage}')
    await kubernetes.deployment('web').rolledOut({ within: '2m' })
    await kubernetes.deployment('api').restart()
  })
  afterAll(rollback)
`

interface Role {
  kind: string
  metadata: { name: string; namespace: string }
  rules: V1PolicyRule[]
}

function flagsOf({ target }: Pick<TestNamespace, 'target'>): string[] {
  const { kubeconfig, context, namespace } = target
  return Object.entries({ kubeconfig, context, namespace }).flatMap(([flag, value]) => [`--${flag}`, value])
}

/** What the command prints after a dry run on the namespace. */
async function rolesFor(namespace: TestNamespace): Promise<{ roles: Role[]; text: string }> {
  const project = new Project({ 'a.chaos.ts': spec })
  const dry = await project.run(['--dry-run', ...flagsOf(namespace)])
  expect({ exitCode: dry.exitCode, stdout: dry.stdout + dry.stderr }).toMatchObject({ exitCode: 0 })
  const { exitCode, stdout, stderr } = await project.run(['rbac'])
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  return { roles: parseAllDocuments(stdout).map((document) => document.toJS() as Role), text: stdout }
}

async function addDeployments(namespace: TestNamespace): Promise<void> {
  await Promise.all([namespace.addDeployment('web'), namespace.addDeployment('api')])
  const areAvailable = async () => {
    const { items } = await namespace.apps.listNamespacedDeployment({ namespace: namespace.target.namespace })
    expect(items.map(({ status }) => status?.availableReplicas)).toEqual([1, 1])
  }
  await vi.waitFor(areAvailable, { timeout: 60_000, interval: 200 })
}

describe.for([lab, realCluster])('the least Role, on $name', ({ runs, start }) => {
  if (!runs) return test.skip('is printed', () => undefined)

  let cluster: TestTarget | undefined
  let namespace: TestNamespace

  beforeAll(async () => {
    cluster = await start()
    namespace = await createNamespace(cluster.target)
    await addDeployments(namespace)
  })

  afterAll(async () => {
    await namespace?.remove()
    await cluster?.stop()
  })

  test('is what a dry run needed and what every run needs, and says so', async () => {
    const { roles, text } = await rolesFor(namespace)
    expect(text).toMatch(/^# The least .*\n# The dry run .* of 1 hypothesis on/)
    expect(text).toContain('# - a.chaos.ts: both get a new version')
    expect(roles).toHaveLength(1)
    const rules = roles[0]?.rules ?? []
    expect(rules).toContainEqual({
      ...{ apiGroups: ['apps'], resources: ['deployments'] },
      ...{ resourceNames: ['api', 'web'], verbs: ['get', 'patch'] },
    })
    expect(rules).toContainEqual({ apiGroups: ['apps'], resources: ['deployments'], verbs: ['list', 'watch'] })
    expect(rules.map(({ resources }) => resources?.[0]).sort()).toEqual([
      ...['deployments', 'deployments', 'leases', 'leases', 'namespaces', 'secrets'],
    ])
  })
})

describe(`under a Role, on ${realCluster.name}`, () => {
  if (!realCluster.runs) return test.skip('the specs are played', () => undefined)

  let cluster: TestTarget | undefined
  let namespace: TestNamespace
  let least: Role | undefined

  beforeAll(async () => {
    cluster = await realCluster.start()
    namespace = await createNamespace(cluster.target)
    await addDeployments(namespace)
  })

  afterAll(async () => {
    await namespace?.remove()
    await cluster?.stop()
  })

  async function rulesOfLeast(): Promise<V1PolicyRule[]> {
    least ??= (await rolesFor(namespace)).roles[0]
    return least?.rules ?? []
  }

  /** Plays the spec as somebody who has these rules and nothing else. */
  async function playUnder(name: string, rules: V1PolicyRule[]) {
    const token = await tokenUnder(namespace, name, rules)
    const access = await sameTargetBy(namespace.target, { token })
    const project = new Project({ 'a.chaos.ts': spec })
    const result = await project.run(flagsOf(access))
    await access.remove()
    return { ...result, text: result.stdout.replace(/\s+/g, ' ') }
  }

  /** `api` and `web`, each as it is. */
  async function versions() {
    const { items } = await namespace.apps.listNamespacedDeployment({ namespace: namespace.target.namespace })
    return items.map(({ metadata, spec }) => ({
      name: metadata?.name,
      image: spec?.template.spec?.containers[0]?.image,
      generation: metadata?.generation ?? 0,
    }))
  }

  test('that is exactly the least one, they pass', async () => {
    const { exitCode, stdout, stderr } = await playUnder('least', await rulesOfLeast())
    expect({ exitCode, stdout, stderr }).toMatchObject({ exitCode: 0 })
    expect(await versions()).toMatchObject([
      { name: 'api', image: goodImage },
      { name: 'web', image: goodImage },
    ])
  })

  test('with one verb less, they are refused before the action that needs it, and what came before is undone', async () => {
    const [api, before] = await versions()
    const less = (await rulesOfLeast()).flatMap((rule) => {
      if (!rule.verbs.includes('patch')) return [rule]
      return [
        { ...rule, resourceNames: ['web'] },
        { ...rule, resourceNames: ['api'], verbs: rule.verbs.filter((verb) => verb !== 'patch') },
      ]
    })
    const { exitCode, text } = await playUnder('less', less)
    expect({ exitCode, text }).toMatchObject({ exitCode: 5, text: expect.stringContaining('CHAOS_FORBIDDEN') })
    expect(text).toContain('Not allowed to patch deployments/api')
    expect(text).toContain('did set image of deployment/web')
    expect(text).toContain('undone the pod template of deployment/web as it was')
    expect(await versions()).toEqual([api, { ...before, generation: (before?.generation ?? 0) + 2 }])
  })
})

test('without a run there is nothing to tell it by', async () => {
  const project = new Project()
  expect(await project.run(['rbac'])).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('CHAOS_NO_RUN') })
})
