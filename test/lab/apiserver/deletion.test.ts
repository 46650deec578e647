import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CONFIG_MAPS, configMap, DEPLOYMENTS, deployment, MERGE_PATCH, PODS, pod, TestApi } from './api.ts'

describe('deletion', () => {
  let api: TestApi
  beforeAll(async () => {
    api = await TestApi.start()
  })
  afterAll(() => api.stop())

  const runningPod = async (name: string, spec: object = {}) => {
    await api.post(PODS, pod(name, {}, spec))
    const bound = await api.post(`${PODS}/${name}/binding`, { target: { kind: 'Node', name: 'lab-1' } })
    expect(bound.code).toBe(201)
    const status = { phase: 'Running' }
    return (await api.patch(`${PODS}/${name}/status`, { status }, MERGE_PATCH)).body
  }

  it('of a running pod waits for its grace period, until it is deleted with none', async () => {
    const watch = await api.watch(PODS)
    await runningPod('graceful')
    const before = Date.now()
    const deleted = await api.remove(`${PODS}/graceful`)
    expect(deleted.code).toBe(200)
    expect(deleted.body.kind).toBe('Pod')
    expect(deleted.body.metadata.deletionGracePeriodSeconds).toBe(30)
    const deadline = Date.parse(deleted.body.metadata.deletionTimestamp ?? '')
    expect(deadline).toBeGreaterThan(before + 28_000)
    expect(deadline).toBeLessThan(Date.now() + 31_000)
    expect((await api.get(`${PODS}/graceful`)).code).toBe(200)

    const { uid } = deleted.body.metadata
    const wrongPod = await api.remove(`${PODS}/graceful`, { gracePeriodSeconds: 0, preconditions: { uid: 'another' } })
    expect(wrongPod.code).toBe(409)
    const gone = await api.remove(`${PODS}/graceful`, { gracePeriodSeconds: 0, preconditions: { uid } })
    expect(gone.code).toBe(200)
    expect((await api.get(`${PODS}/graceful`)).code).toBe(404)
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
      api.remove(`${PODS}/shortened`, options).then(({ body }) => body.metadata.deletionGracePeriodSeconds)
    expect(await grace()).toBe(20)
    expect(await grace({ gracePeriodSeconds: 60 })).toBe(20)
    expect(await grace({ gracePeriodSeconds: 5 })).toBe(5)
    expect(await grace()).toBe(5)
    await api.remove(`${PODS}/shortened?gracePeriodSeconds=0`)
    expect((await api.get(`${PODS}/shortened`)).code).toBe(404)
  })

  it('of a pod that runs nowhere, or has ended, is immediate', async () => {
    await api.post(PODS, pod('unscheduled'))
    await api.remove(`${PODS}/unscheduled`)
    expect((await api.get(`${PODS}/unscheduled`)).code).toBe(404)
    await runningPod('ended')
    await api.patch(`${PODS}/ended/status`, { status: { phase: 'Failed' } }, MERGE_PATCH)
    await api.remove(`${PODS}/ended`)
    expect((await api.get(`${PODS}/ended`)).code).toBe(404)
  })

  it('by eviction is as by delete', async () => {
    await runningPod('evicted')
    const evicted = await api.post(`${PODS}/evicted/eviction`, {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name: 'evicted' },
      deleteOptions: { gracePeriodSeconds: 7 },
    })
    expect(evicted.code).toBe(201)
    expect((await api.get(`${PODS}/evicted`)).body.metadata.deletionGracePeriodSeconds).toBe(7)
  })

  it('waits for finalizers, and ends with the last of them', async () => {
    const metadata = { name: 'held', finalizers: ['example.com/hold'] }
    await api.post(CONFIG_MAPS, { metadata })
    const deleted = await api.remove(`${CONFIG_MAPS}/held`)
    expect(deleted.body.metadata.deletionTimestamp).toBeDefined()
    expect((await api.remove(`${CONFIG_MAPS}/held`)).body).toEqual(deleted.body)
    await api.patch(`${CONFIG_MAPS}/held`, { metadata: { finalizers: null } }, MERGE_PATCH)
    expect((await api.get(`${CONFIG_MAPS}/held`)).code).toBe(404)
  })

  it.each([
    { propagationPolicy: 'Foreground', finalizers: ['foregroundDeletion'] },
    { propagationPolicy: 'Orphan', finalizers: ['orphan'] },
  ])('$propagationPolicy leaves the dependents to the garbage collector', async ({ propagationPolicy, finalizers }) => {
    const name = propagationPolicy.toLowerCase()
    await api.post(DEPLOYMENTS, deployment(name))
    const deleted = await api.remove(`${DEPLOYMENTS}/${name}`, { propagationPolicy })
    expect(deleted.body.metadata).toMatchObject({ finalizers, generation: 2 })
    await api.remove(`${DEPLOYMENTS}/${name}`, { propagationPolicy: 'Background' })
    expect((await api.get(`${DEPLOYMENTS}/${name}`)).code).toBe(404)
  })

  it('is refused for options that there are not', async () => {
    await api.post(CONFIG_MAPS, configMap('kept'))
    const refused = await api.remove(`${CONFIG_MAPS}/kept`, { propagationPolicy: 'Sideways' })
    expect(refused.code).toBe(422)
    expect(refused.body.message).toContain('propagationPolicy: Unsupported value: "Sideways"')
    expect((await api.remove(`${CONFIG_MAPS}/kept`, { gracePeriodSeconds: 'soon' })).code).toBe(400)
    expect((await api.remove(`${CONFIG_MAPS}/kept?dryRun=All`)).code).toBe(200)
    expect((await api.get(`${CONFIG_MAPS}/kept`)).code).toBe(200)
  })

  it('of a collection takes what is selected', async () => {
    for (const name of ['one', 'two']) await api.post(CONFIG_MAPS, configMap(name, {}, { batch: 'x' }))
    await api.post(CONFIG_MAPS, configMap('three', {}, { batch: 'y' }))
    const deleted = await api.remove(`${CONFIG_MAPS}?labelSelector=batch%3Dx`)
    expect(deleted.body.items.map(({ metadata }) => metadata.name)).toEqual(['one', 'two'])
    const left = await api.get(`${CONFIG_MAPS}?labelSelector=batch`)
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
