import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  configMap,
  configMapsPath,
  deployment,
  deploymentsPath,
  mergePatchType,
  pod,
  podsPath,
  TestApi,
} from './api.ts'

describe('deletion', () => {
  let api: TestApi
  beforeAll(async () => {
    api = await TestApi.start()
  })
  afterAll(() => api.stop())

  const runningPod = async (name: string, spec: object = {}) => {
    await api.post(podsPath, pod(name, {}, spec))
    const bound = await api.post(`${podsPath}/${name}/binding`, { target: { kind: 'Node', name: 'lab-1' } })
    expect(bound.code).toBe(201)
    const status = { phase: 'Running' }
    return (await api.patch(`${podsPath}/${name}/status`, { status }, mergePatchType)).body
  }

  it('of a running pod waits for its grace period, until it is deleted with none', async () => {
    const watch = await api.watch(podsPath)
    await runningPod('graceful')
    const before = Date.now()
    const deleted = await api.remove(`${podsPath}/graceful`)
    expect(deleted.code).toBe(200)
    expect(deleted.body.kind).toBe('Pod')
    expect(deleted.body.metadata.deletionGracePeriodSeconds).toBe(30)
    const deadline = Date.parse(deleted.body.metadata.deletionTimestamp ?? '')
    expect(deadline).toBeGreaterThan(before + 28_000)
    expect(deadline).toBeLessThan(Date.now() + 31_000)
    expect((await api.get(`${podsPath}/graceful`)).code).toBe(200)

    const { uid } = deleted.body.metadata
    const wrongPod = await api.remove(`${podsPath}/graceful`, {
      gracePeriodSeconds: 0,
      preconditions: { uid: 'another' },
    })
    expect(wrongPod.code).toBe(409)
    const gone = await api.remove(`${podsPath}/graceful`, { gracePeriodSeconds: 0, preconditions: { uid } })
    expect(gone.code).toBe(200)
    expect((await api.get(`${podsPath}/graceful`)).code).toBe(404)
    expect(await watch.take(5)).toEqual([
      'ADDED graceful',
      'MODIFIED graceful',
      'MODIFIED graceful',
      'MODIFIED graceful',
      'DELETED graceful',
    ])
    watch.close()
  })

  it('again can only shorten the grace period', async () => {
    await runningPod('shortened', { terminationGracePeriodSeconds: 20 })
    const grace = (options?: object) =>
      api.remove(`${podsPath}/shortened`, options).then(({ body }) => body.metadata.deletionGracePeriodSeconds)
    expect(await grace()).toBe(20)
    expect(await grace({ gracePeriodSeconds: 60 })).toBe(20)
    expect(await grace({ gracePeriodSeconds: 5 })).toBe(5)
    expect(await grace()).toBe(5)
    await api.remove(`${podsPath}/shortened?gracePeriodSeconds=0`)
    expect((await api.get(`${podsPath}/shortened`)).code).toBe(404)
  })

  it('of a pod that runs nowhere, or has ended, is immediate', async () => {
    await api.post(podsPath, pod('unscheduled'))
    await api.remove(`${podsPath}/unscheduled`)
    expect((await api.get(`${podsPath}/unscheduled`)).code).toBe(404)
    await runningPod('ended')
    await api.patch(`${podsPath}/ended/status`, { status: { phase: 'Failed' } }, mergePatchType)
    await api.remove(`${podsPath}/ended`)
    expect((await api.get(`${podsPath}/ended`)).code).toBe(404)
  })

  it('by eviction is as by delete', async () => {
    await runningPod('evicted')
    const evicted = await api.post(`${podsPath}/evicted/eviction`, {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name: 'evicted' },
      deleteOptions: { gracePeriodSeconds: 7 },
    })
    expect(evicted.code).toBe(201)
    expect((await api.get(`${podsPath}/evicted`)).body.metadata.deletionGracePeriodSeconds).toBe(7)
  })

  it('waits for finalizers, and ends with the last of them', async () => {
    const metadata = { name: 'held', finalizers: ['example.com/hold'] }
    await api.post(configMapsPath, { metadata })
    const deleted = await api.remove(`${configMapsPath}/held`)
    expect(deleted.body.metadata.deletionTimestamp).toBeDefined()
    expect((await api.remove(`${configMapsPath}/held`)).body).toEqual(deleted.body)
    await api.patch(`${configMapsPath}/held`, { metadata: { finalizers: null } }, mergePatchType)
    expect((await api.get(`${configMapsPath}/held`)).code).toBe(404)
  })

  it.each([
    { propagationPolicy: 'Foreground', finalizers: ['foregroundDeletion'] },
    { propagationPolicy: 'Orphan', finalizers: ['orphan'] },
  ])('$propagationPolicy leaves the dependents to the garbage collector', async ({ propagationPolicy, finalizers }) => {
    const name = propagationPolicy.toLowerCase()
    await api.post(deploymentsPath, deployment(name))
    const deleted = await api.remove(`${deploymentsPath}/${name}`, { propagationPolicy })
    expect(deleted.body.metadata).toMatchObject({ finalizers, generation: 2 })
    await api.remove(`${deploymentsPath}/${name}`, { propagationPolicy: 'Background' })
    expect((await api.get(`${deploymentsPath}/${name}`)).code).toBe(404)
  })

  it('is refused for options that there are not', async () => {
    await api.post(configMapsPath, configMap('kept'))
    const refused = await api.remove(`${configMapsPath}/kept`, { propagationPolicy: 'Sideways' })
    expect(refused.code).toBe(422)
    expect(refused.body.message).toContain('propagationPolicy: Unsupported value: "Sideways"')
    expect((await api.remove(`${configMapsPath}/kept`, { gracePeriodSeconds: 'soon' })).code).toBe(400)
    expect((await api.remove(`${configMapsPath}/kept?dryRun=All`)).code).toBe(200)
    expect((await api.get(`${configMapsPath}/kept`)).code).toBe(200)
  })

  it('of a collection takes what is selected', async () => {
    for (const name of ['one', 'two']) await api.post(configMapsPath, configMap(name, {}, { batch: 'x' }))
    await api.post(configMapsPath, configMap('three', {}, { batch: 'y' }))
    const deleted = await api.remove(`${configMapsPath}?labelSelector=batch%3Dx`)
    expect(deleted.body.items.map(({ metadata }) => metadata.name)).toEqual(['one', 'two'])
    const left = await api.get(`${configMapsPath}?labelSelector=batch`)
    expect(left.body.items.map(({ metadata }) => metadata.name)).toEqual(['three'])
  })

  it('of a namespace that every cluster needs is refused', async () => {
    const refused = await api.remove('/api/v1/namespaces/kube-system')
    expect(refused.code).toBe(403)
    expect(refused.body.message).toBe('namespaces "kube-system" is forbidden: this namespace may not be deleted')
  })

  it('of a namespace waits until its finalizer is taken away', async () => {
    await api.post('/api/v1/namespaces', { metadata: { name: 'doomed' } })
    const path = '/api/v1/namespaces/doomed'
    const deleted = await api.remove(path)
    expect(deleted.body).toMatchObject({ kind: 'Namespace', status: { phase: 'Terminating' } })
    const refused = await api.post(`${path}/configmaps`, configMap('late'))
    expect(refused.code).toBe(403)
    expect(refused.body.message).toContain('namespace doomed because it is being terminated')
    const bypass = await api.put(path, { ...deleted.body, spec: { finalizers: [] } })
    expect(bypass.body.spec.finalizers).toEqual(['kubernetes'])
    await api.put(`${path}/finalize`, { ...deleted.body, spec: { finalizers: [] } })
    expect((await api.get(path)).code).toBe(404)
  })
})
