import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  configMap,
  configMapsPath,
  deployment,
  deploymentsPath,
  pod,
  podsPath,
  replicaSetsPath,
  TestApi,
} from './api.ts'

describe('objects', () => {
  let api: TestApi
  beforeAll(async () => {
    api = await TestApi.start()
  })
  afterAll(() => api.stop())

  it('are created, read, replaced, listed and deleted', async () => {
    const created = await api.post(configMapsPath, configMap('crud', { a: '1' }))
    expect(created.code).toBe(201)
    expect(created.body).toMatchObject({
      kind: 'ConfigMap',
      apiVersion: 'v1',
      metadata: { name: 'crud', namespace: 'default', uid: expect.stringMatching(/^[0-9a-f-]{36}$/) },
      data: { a: '1' },
    })
    expect(created.body.metadata.creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    expect((await api.get(`${configMapsPath}/crud`)).body).toEqual(created.body)

    const replaced = await api.put(`${configMapsPath}/crud`, { ...created.body, data: { b: '2' } })
    expect(replaced.body.data).toEqual({ b: '2' })
    expect(Number(replaced.body.metadata.resourceVersion)).toBeGreaterThan(
      Number(created.body.metadata.resourceVersion),
    )

    const list = await api.get(configMapsPath)
    expect(list.body).toMatchObject({ kind: 'ConfigMapList', apiVersion: 'v1' })
    expect(list.body.metadata.resourceVersion).toBe(replaced.body.metadata.resourceVersion)
    const [item] = list.body.items
    expect(item).toMatchObject({ metadata: { name: 'crud' }, data: { b: '2' } })
    expect(item).not.toHaveProperty('kind')

    const removed = await api.remove(`${configMapsPath}/crud`)
    expect(removed.body).toMatchObject({
      kind: 'Status',
      status: 'Success',
      details: { name: 'crud', kind: 'configmaps', uid: created.body.metadata.uid },
    })
    const gone = await api.get(`${configMapsPath}/crud`)
    expect(gone.code).toBe(404)
    expect(gone.body).toMatchObject({ kind: 'Status', status: 'Failure', reason: 'NotFound', code: 404 })
    expect(gone.body.message).toBe('configmaps "crud" not found')
  })

  it('are refused when their name is taken', async () => {
    await api.post(deploymentsPath, deployment('taken'))
    const again = await api.post(deploymentsPath, deployment('taken'))
    expect(again.code).toBe(409)
    expect(again.body.reason).toBe('AlreadyExists')
    expect(again.body.message).toBe('deployments.apps "taken" already exists')
    expect(again.body.details).toEqual({ name: 'taken', group: 'apps', kind: 'deployments' })
  })

  it('get a name of their own from generateName', async () => {
    const create = () => api.post(podsPath, { ...pod('x'), metadata: { generateName: 'web-' } })
    const names = (await Promise.all([create(), create()])).map(({ body }) => body.metadata.name)
    expect(new Set(names).size).toBe(2)
    for (const name of names) expect(name).toMatch(/^web-[bcdfghjklmnpqrstvwxz2456789]{5}$/)
  })

  it('are not kept by a dry run', async () => {
    const tried = await api.post(`${configMapsPath}?dryRun=All`, configMap('dry'))
    expect(tried.code).toBe(201)
    expect((await api.get(`${configMapsPath}/dry`)).code).toBe(404)
    expect((await api.post(`${configMapsPath}?dryRun=Some`, configMap('dry'))).body.message).toContain(
      'dryRun: Unsupported value',
    )
  })

  it('need a namespace that exists', async () => {
    const refused = await api.post('/api/v1/namespaces/nowhere/configmaps', configMap('lost'))
    expect(refused.code).toBe(404)
    expect(refused.body.message).toBe('namespaces "nowhere" not found')
    const elsewhere = await api.post(configMapsPath, { metadata: { name: 'x', namespace: 'other' } })
    expect(elsewhere.code).toBe(400)
  })

  it('are taken as YAML too, and for the kind of the path when they name none', async () => {
    const body = 'metadata: { name: from-yaml }\ndata: { a: "1" }\n'
    const created = await api.call('POST', configMapsPath, body, { type: 'application/yaml' })
    expect(created.body).toMatchObject({ kind: 'ConfigMap', data: { a: '1' } })
  })

  it('are refused when they are of another kind or form', async () => {
    const otherKind = await api.post(configMapsPath, pod('p'))
    expect(otherKind.code).toBe(400)
    expect(otherKind.body.message).toContain('Pod in version "v1" cannot be handled as a ConfigMap')
    const otherForm = await api.post(deploymentsPath, deployment('bad', { replicas: 'three' }))
    expect(otherForm.code).toBe(400)
    expect(otherForm.body.message).toContain('spec.replicas: cannot unmarshal string as integer')
    const deep = await api.post(
      podsPath,
      pod('bad', {}, { containers: [{ name: 'a', ports: [{ containerPort: 'x' }] }] }),
    )
    expect(deep.body.message).toContain('spec.containers[0].ports[0].containerPort: cannot unmarshal string as integer')
  })
})

describe('concurrent writes', () => {
  let api: TestApi
  beforeAll(async () => {
    api = await TestApi.start()
  })
  afterAll(() => api.stop())

  it('conflict when they come from an older state, and not when they name none', async () => {
    const { body: first } = await api.post(configMapsPath, configMap('shared', { n: '1' }))
    await api.put(`${configMapsPath}/shared`, { ...first, data: { n: '2' } })
    const stale = await api.put(`${configMapsPath}/shared`, { ...first, data: { n: '3' } })
    expect(stale.code).toBe(409)
    expect(stale.body.reason).toBe('Conflict')
    expect(stale.body.message).toBe(
      'Operation cannot be fulfilled on configmaps "shared": the object has been modified; please apply your changes to the latest version and try again',
    )
    const unconditional = await api.put(`${configMapsPath}/shared`, configMap('shared', { n: '4' }))
    expect(unconditional.code).toBe(200)
    const otherObject = await api.put(`${configMapsPath}/shared`, { metadata: { name: 'shared', uid: 'another' } })
    expect(otherObject.code).toBe(409)
  })

  it('let exactly one of many from the same state through', async () => {
    const { body: first } = await api.post(configMapsPath, configMap('raced'))
    const write = (n: number) => api.put(`${configMapsPath}/raced`, { ...first, data: { n: String(n) } })
    const codes = (await Promise.all([1, 2, 3, 4, 5].map(write))).map(({ code }) => code)
    expect(codes.sort()).toEqual([200, 409, 409, 409, 409])
  })

  it('that change nothing are no writes', async () => {
    const { body: first } = await api.post(deploymentsPath, deployment('same'))
    const again = await api.put(`${deploymentsPath}/same`, first)
    expect(again.body).toEqual(first)
    const undefaulted = await api.put(`${deploymentsPath}/same`, deployment('same'))
    expect(undefaulted.body.metadata.resourceVersion).toBe(first.metadata.resourceVersion)
    const zeros = await api.put(`${deploymentsPath}/same`, { ...first, spec: { ...first.spec, paused: false } })
    expect(zeros.body.metadata.resourceVersion).toBe(first.metadata.resourceVersion)
  })
})

describe('the status of a pod', () => {
  let api: TestApi
  beforeAll(async () => {
    api = await TestApi.start()
  })
  afterAll(() => api.stop())

  it.each([
    [{ podIP: '198.18.64.2' }, '198.18.64.2'],
    [{ podIPs: [{ ip: '198.18.64.3' }] }, '198.18.64.3'],
    [{ podIP: '198.18.64.4', podIPs: [{ ip: '198.18.64.3' }] }, '198.18.64.4'],
  ])('has the address in both of its fields: %o', async (status, podIP) => {
    await api.post(podsPath, pod(podIP))
    const { body } = await api.patch(`${podsPath}/${podIP}/status`, { status }, 'application/merge-patch+json')
    expect(body.status).toMatchObject({ podIP, podIPs: [{ ip: podIP }] })
  })
})

describe('generations', () => {
  let api: TestApi
  beforeAll(async () => {
    api = await TestApi.start()
  })
  afterAll(() => api.stop())

  it('of a deployment count changes of its spec and annotations, not of labels or status', async () => {
    const { body: created } = await api.post(deploymentsPath, deployment('web'))
    expect(created.metadata.generation).toBe(1)
    expect(created.status).toEqual({})
    const patch = (body: object, part = '') =>
      api.patch(`${deploymentsPath}/web${part}`, body, 'application/merge-patch+json').then((reply) => reply.body)

    expect((await patch({ spec: { replicas: 3 } })).metadata.generation).toBe(2)
    expect((await patch({ metadata: { labels: { tier: 'x' } } })).metadata.generation).toBe(2)
    expect((await patch({ metadata: { annotations: { note: 'x' } } })).metadata.generation).toBe(3)
    expect((await patch({ metadata: { generation: 99 } })).metadata.generation).toBe(3)

    const reported = await patch(
      {
        metadata: { annotations: { 'deployment.kubernetes.io/revision': '1' }, labels: { app: 'stolen' } },
        spec: { replicas: 9 },
        status: { observedGeneration: 3, replicas: 3 },
      },
      '/status',
    )
    expect(reported.metadata.generation).toBe(3)
    expect(reported.spec.replicas).toBe(3)
    expect(reported.status).toEqual({ observedGeneration: 3, replicas: 3 })
    expect(reported.metadata.annotations).toEqual({ note: 'x', 'deployment.kubernetes.io/revision': '1' })
    expect(reported.metadata.labels).toEqual({ app: 'web', tier: 'x' })

    const { body: kept } = await api.put(`${deploymentsPath}/web`, { ...reported, status: { replicas: 77 } })
    expect(kept.status.replicas).toBe(3)
  })

  it('of a replica set count changes of its spec only', async () => {
    const { spec } = deployment('rs')
    const { body: created } = await api.post(replicaSetsPath, { metadata: { name: 'rs' }, spec })
    const annotated = await api.put(`${replicaSetsPath}/rs`, {
      ...created,
      metadata: { ...created.metadata, annotations: { 'deployment.kubernetes.io/revision': '2' } },
    })
    expect(annotated.body.metadata.generation).toBe(1)
    const scaled = await api.put(`${replicaSetsPath}/rs`, { ...annotated.body, spec: { ...created.spec, replicas: 4 } })
    expect(scaled.body.metadata.generation).toBe(2)
  })

  it('pods and config maps have none', async () => {
    expect((await api.post(podsPath, pod('none'))).body.metadata).not.toHaveProperty('generation')
    expect((await api.post(configMapsPath, configMap('none'))).body.metadata).not.toHaveProperty('generation')
  })
})
