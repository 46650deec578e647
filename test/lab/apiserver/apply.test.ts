import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  applyPatchType,
  configMapsPath,
  deployment,
  deploymentsPath,
  jsonPatchType,
  mergePatchType,
  TestApi,
} from './api.ts'

describe('server-side apply', () => {
  let api: TestApi

  beforeAll(async () => {
    api = await TestApi.start()
  })
  afterAll(() => api.stop())

  const apply = (path: string, manager: string, configuration: object, force = false) =>
    api.patch(`${path}?fieldManager=${manager}${force ? '&force=true' : ''}`, configuration, applyPatchType)

  const managersOf = (body: { metadata: Record<string, unknown> }) =>
    (body.metadata.managedFields as { manager: string; operation: string; fieldsV1: object }[]).map(
      ({ manager, operation }) => `${manager} ${operation}`,
    )

  it('creates what is not there, and takes away what its manager no longer says', async () => {
    const path = `${configMapsPath}/own`
    const yaml = 'apiVersion: v1\nkind: ConfigMap\ndata:\n  a: "1"\n  b: "2"\n'
    const created = await api.patch(`${path}?fieldManager=me`, yaml, applyPatchType)
    expect(created.code).toBe(201)
    expect(created.body.metadata.managedFields).toMatchObject([
      {
        manager: 'me',
        operation: 'Apply',
        apiVersion: 'v1',
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:data': { '.': {}, 'f:a': {}, 'f:b': {} } },
      },
    ])
    const changed = await apply(path, 'me', { apiVersion: 'v1', kind: 'ConfigMap', data: { b: '3' } })
    expect(changed).toMatchObject({ code: 200, body: { data: { b: '3' } } })
    expect(changed.body.data).toEqual({ b: '3' })
    const again = await apply(path, 'me', { apiVersion: 'v1', kind: 'ConfigMap', data: { b: '3' } })
    expect(again.body.metadata.resourceVersion).toBe(changed.body.metadata.resourceVersion)
  })

  it('refuses to take what another has, but by force', async () => {
    const path = `${deploymentsPath}/shared`
    const { spec, metadata } = deployment('shared', { replicas: 2 })
    const configuration = { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec }
    await apply(path, 'first', configuration)
    await api.patch(`${path}/scale?fieldManager=scaler`, { spec: { replicas: 5 } }, mergePatchType)
    const container = { name: 'app', image: 'counter/app:v2' }
    await api.patch(
      `${path}?fieldManager=setter`,
      [{ op: 'replace', path: '/spec/template/spec/containers/0/image', value: container.image }],
      jsonPatchType,
    )
    const refused = await apply(path, 'first', configuration)
    expect(refused.code).toBe(409)
    expect(refused.body.reason).toBe('Conflict')
    expect(refused.body.message).toContain('Apply failed with 2 conflicts')
    expect(refused.body.details.causes).toEqual([
      {
        reason: 'FieldManagerConflict',
        message: 'conflict with "scaler" with subresource "scale" using apps/v1',
        field: '.spec.replicas',
      },
      {
        reason: 'FieldManagerConflict',
        message: 'conflict with "setter" using apps/v1',
        field: '.spec.template.spec.containers[name="app"].image',
      },
    ])
    const forced = await apply(path, 'first', configuration, true)
    expect(forced.body.spec).toMatchObject({ replicas: 2 })
    expect(forced.body.spec.template.spec.containers[0].image).toBe('counter/app:v1')
    expect(managersOf(forced.body)).toEqual(['first Apply'])
  })

  it('shares what several say the same of: it stays until none says it', async () => {
    const path = `${configMapsPath}/several`
    const saying = (data: object) => ({ apiVersion: 'v1', kind: 'ConfigMap', data })
    await apply(path, 'one', saying({ both: 'x', mine: '1' }))
    await apply(path, 'two', saying({ both: 'x' }))
    expect((await apply(path, 'one', saying({ mine: '1' }))).body.data).toEqual({ both: 'x', mine: '1' })
    expect((await apply(path, 'two', saying({}))).body.data).toEqual({ mine: '1' })
  })

  it('merges items of lists by their key, and takes away those that are its own', async () => {
    const path = `${deploymentsPath}/sidecars`
    const { spec, metadata } = deployment('sidecars')
    await api.post(`${deploymentsPath}?fieldManager=creator`, { metadata, spec })
    const adding = (containers: object[]) => ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      spec: { template: { spec: { containers } } },
    })
    const imagesOf = (body: { spec: Record<string, { spec: { containers: { image: string }[] } }> }) =>
      body.spec.template?.spec.containers.map(({ image }) => image)
    const added = await apply(path, 'mesh', adding([{ name: 'proxy', image: 'proxy:v1' }]))
    expect(imagesOf(added.body)?.toSorted()).toEqual(['counter/app:v1', 'proxy:v1'])
    const removed = await apply(path, 'mesh', adding([]))
    expect(imagesOf(removed.body)).toEqual(['counter/app:v1'])
  })

  it('knows who created and changed an object otherwise', async () => {
    await api.call(
      'POST',
      configMapsPath,
      { metadata: { name: 'history' }, data: { a: '1' } },
      { headers: { 'user-agent': 'curl/8' } },
    )
    const { body } = await api.patch(
      `${configMapsPath}/history?fieldManager=editor`,
      { data: { a: '2' } },
      mergePatchType,
    )
    expect(body.metadata.managedFields).toMatchObject([
      { manager: 'curl', operation: 'Update', fieldsV1: { 'f:data': {} } },
      { manager: 'editor', operation: 'Update', fieldsV1: { 'f:data': { 'f:a': {} } } },
    ])
    const gone = await api.patch(`${configMapsPath}/history?fieldManager=editor`, { data: { a: null } }, mergePatchType)
    expect(JSON.stringify(gone.body.metadata.managedFields)).not.toContain('f:a')
  })

  it('is refused without a manager, with managed fields, and for another object', async () => {
    const path = `${configMapsPath}/refused`
    expect((await api.patch(path, 'data: {}', applyPatchType)).body.message).toContain('fieldManager: Required value')
    const managed = { metadata: { managedFields: [] } }
    expect((await apply(path, 'me', managed)).body.message).toBe('metadata.managedFields must be nil')
    expect((await apply(path, 'me', { metadata: { name: 'other' } })).code).toBe(400)
    expect((await apply(path, 'me', { kind: 'Secret' })).code).toBe(400)
  })

  it('is only tried by a dry run', async () => {
    const path = `${configMapsPath}/tried`
    const tried = await api.patch(`${path}?fieldManager=me&dryRun=All`, { data: { a: '1' } }, applyPatchType)
    expect(tried).toMatchObject({ code: 201, body: { data: { a: '1' } } })
    expect((await api.get(path)).code).toBe(404)
  })
})
