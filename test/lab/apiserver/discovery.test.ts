import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatAge } from '../../../src/lab/apiserver/tables/age.ts'
import { deployment, deploymentsPath, mergePatchType, pod, podsPath, servicesPath, TestApi, tableType } from './api.ts'

describe('discovery', () => {
  let api: TestApi
  beforeAll(async () => {
    api = await TestApi.start()
  })
  afterAll(() => api.stop())

  it('names groups, kinds, short names and parts', async () => {
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json'
    expect((await api.get('/api', accept)).body).toMatchObject({ kind: 'APIVersions', versions: ['v1'] })
    const groups = (await api.get('/apis', accept)).body.groups as { name: string }[]
    expect(groups.map(({ name }) => name).sort()).toEqual([
      'apps',
      'authorization.k8s.io',
      'coordination.k8s.io',
      'discovery.k8s.io',
      'lab.chaos-test',
      'policy',
    ])
    expect((await api.get('/apis/apps')).body).toMatchObject({ kind: 'APIGroup', name: 'apps' })
    const { resources } = (await api.get('/apis/apps/v1')).body as unknown as { resources: object[] }
    expect(resources).toContainEqual(
      expect.objectContaining({ name: 'deployments', kind: 'Deployment', shortNames: ['deploy'], categories: ['all'] }),
    )
    expect(resources).toContainEqual(
      expect.objectContaining({ name: 'deployments/scale', group: 'autoscaling', version: 'v1', kind: 'Scale' }),
    )
    const core = (await api.get('/api/v1')).body as unknown as { resources: { name: string }[] }
    expect(core.resources.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'pods',
        'pods/eviction',
        'pods/binding',
        'pods/log',
        'pods/status',
        'namespaces/finalize',
      ]),
    )
  })

  it('tells its health, its version and an empty description of itself', async () => {
    for (const path of ['/healthz', '/livez', '/readyz']) expect((await api.get(path)).body).toBe('ok')
    expect((await api.get('/version?timeout=32s')).body.gitVersion).toMatch(/^v1\.\d+\.\d+-lab$/)
    const openapi = await api.get('/openapi/v2', 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf')
    expect(openapi.contentType).toBe('application/octet-stream')
    expect(String(openapi.body)).toContain('Kubernetes')
  })

  it('grants all that is asked to whoever has the token', async () => {
    const review = { spec: { resourceAttributes: { verb: 'delete', resource: 'pods' } } }
    const answered = await api.post('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', review)
    expect(answered.code).toBe(201)
    expect(answered.body).toMatchObject({ kind: 'SelfSubjectAccessReview', status: { allowed: true } })
  })

  it.each([
    '/apis/apps/v1/statefulsets',
    '/apis/apps/v1/daemonsets',
    '/apis/storage.k8s.io/v1/storageclasses',
    '/apis/storage.k8s.io/v1/csinodes',
    '/api/v1/namespaces/default/persistentvolumeclaims',
    '/api/v1/persistentvolumes',
    '/api/v1/replicationcontrollers',
  ])('has none at %s, as controllers of Kubernetes must hear before they begin', async (path) => {
    const { code, body } = await api.get(path)
    expect({ code, items: body.items }).toEqual({ code: 200, items: [] })
    const watch = await api.watch(`${path}?watch=1&timeoutSeconds=1&resourceVersion=${body.metadata.resourceVersion}`)
    expect(await watch.next()).toBeUndefined()
    // To everybody else the kind is not there.
    expect((await api.post(path, { metadata: { name: 'a' } })).code).toBe(404)
    expect((await api.get(`${path}/a`)).code).toBe(404)
    expect(JSON.stringify((await api.get(path.split('/').slice(0, 4).join('/'))).body)).not.toContain(
      path.split('/').at(-1),
    )
  })

  it.each([
    ['/apis/batch/v1/namespaces/default/jobs', 'jobs.v1.batch'],
    ['/apis/batch/v1/jobs', 'jobs.v1.batch'],
    ['/apis/apps/v1beta1', '/apis/apps/v1beta1'],
    ['/openapi/v3/apis/batch/v1', '/openapi/v3/apis/batch/v1'],
    [`${podsPath}/x/attach`, 'pods/attach'],
    ['/apis/apps/v1/namespaces/default/daemonsets/a', 'daemonsets.v1.apps'],
    ['/apis/networking.k8s.io/v1/networkpolicies', 'networkpolicies.v1.networking.k8s.io'],
  ])('says by name that %s is not served', async (path, name) => {
    const { code, body } = await api.get(path)
    expect(code).toBe(404)
    expect(body).toMatchObject({ kind: 'Status', reason: 'NotFound' })
    expect(body.message).toContain(`the lab does not serve ${name}`)
  })

  it('allows only the verbs that there are', async () => {
    const refusals = [
      await api.put(podsPath, {}),
      await api.post('/api/v1/pods', pod('x')),
      await api.get('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'),
      await api.post('/version', {}),
      await api.post(`${deploymentsPath}/x/scale`, {}),
    ]
    expect(refusals.map(({ code, body }) => `${code} ${body.reason}`)).toEqual(
      refusals.map(() => '405 MethodNotAllowed'),
    )
  })
})

describe('a new cluster', () => {
  let api: TestApi
  beforeAll(async () => {
    api = await TestApi.start()
  })
  afterAll(() => api.stop())

  it('has its namespaces, an identity, and the way to itself', async () => {
    const { body } = await api.get('/api/v1/namespaces')
    expect(body.items.map(({ metadata }) => metadata.name)).toEqual([
      'default',
      'kube-node-lease',
      'kube-public',
      'kube-system',
    ])
    const port = Number(new URL(api.server.access.server).port)
    expect((await api.get(`${servicesPath}/kubernetes`)).body.spec).toMatchObject({
      clusterIP: '198.18.67.1',
      ports: [{ name: 'https', port, targetPort: port }],
    })
    const other = await TestApi.start()
    const identity = async (of: TestApi) => (await of.get('/api/v1/namespaces/kube-system')).body.metadata.uid
    expect(await identity(api)).not.toBe(await identity(other))
    await other.stop()
  })
})

describe('tables', () => {
  let api: TestApi
  beforeAll(async () => {
    api = await TestApi.start()
  })
  afterAll(() => api.stop())

  const table = async (path: string) => {
    const { body } = await api.get(path, tableType)
    expect(body).toMatchObject({ kind: 'Table', apiVersion: 'meta.k8s.io/v1' })
    return body
  }

  it('of pods say what their containers do', async () => {
    await api.post(
      podsPath,
      pod(
        'web',
        {},
        {
          containers: [
            { name: 'a', image: 'x' },
            { name: 'b', image: 'y' },
          ],
        },
      ),
    )
    await api.post(`${podsPath}/web/binding`, { target: { name: 'lab-1' } })
    const cells = async (status: object) => {
      await api.patch(`${podsPath}/web/status`, { status }, mergePatchType)
      return (await table(podsPath)).rows[0]?.cells.slice(0, 4)
    }
    const running = { name: 'a', ready: true, restartCount: 0, state: { running: {} } }
    const waiting = { name: 'b', ready: false, restartCount: 2, state: { waiting: { reason: 'CrashLoopBackOff' } } }
    const completed = { name: 'b', ready: false, restartCount: 0, state: { terminated: { exitCode: 1 } } }
    expect(await cells({ phase: 'Running', containerStatuses: [running, { ...running, name: 'b' }] })).toEqual([
      'web',
      '2/2',
      'Running',
      '0',
    ])
    expect(await cells({ containerStatuses: [running, waiting] })).toEqual(['web', '1/2', 'CrashLoopBackOff', '2'])
    expect(await cells({ containerStatuses: [completed] })).toEqual(['web', '0/2', 'ExitCode:1', '0'])
    await api.remove(`${podsPath}/web`)
    expect((await table(podsPath)).rows[0]?.cells[2]).toBe('Terminating')
  })

  it('have wide columns, and rows with the metadata of their objects', async () => {
    await api.post(deploymentsPath, deployment('web', { replicas: 2 }))
    const { columnDefinitions, rows } = await table(deploymentsPath)
    expect(columnDefinitions.map(({ name, priority }) => `${name}${priority ? '+' : ''}`).join(' ')).toBe(
      'Name Ready Up-to-date Available Age Containers+ Images+ Selector+',
    )
    expect(rows[0]?.cells).toEqual([
      'web',
      '0/2',
      0,
      0,
      expect.stringMatching(/^\ds$/),
      'app',
      'counter/app:v1',
      'app=web',
    ])
    expect(rows[0]?.object).toMatchObject({ kind: 'PartialObjectMetadata', metadata: { name: 'web' } })
    expect((await table(`${deploymentsPath}/web?includeObject=Object`)).rows[0]?.object.kind).toBe('Deployment')
    expect((await table(`${deploymentsPath}?includeObject=None`)).rows[0]?.object).toBeNull()
  })

  it('of endpoint slices show a few addresses, and what there is not', async () => {
    const path = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices'
    const addresses = [1, 2, 3, 4, 5].map((n) => ({ addresses: [`10.0.0.${n}`] }))
    await api.post(path, { metadata: { name: 'a' }, addressType: 'IPv4', endpoints: addresses, ports: [{ port: 80 }] })
    await api.post(path, { metadata: { name: 'b' }, addressType: 'IPv4' })
    expect((await table(path)).rows.map(({ cells }) => cells.slice(0, 4))).toEqual([
      ['a', 'IPv4', '80', '10.0.0.1,10.0.0.2,10.0.0.3 + 2 more...'],
      ['b', 'IPv4', '<unset>', '<unset>'],
    ])
  })

  it('are there for every kind that can be listed', async () => {
    await api.post('/api/v1/nodes', {
      metadata: { name: 'lab-1', labels: { 'node-role.kubernetes.io/worker': '' } },
      spec: { unschedulable: true },
      status: {
        conditions: [{ type: 'Ready', status: 'True' }],
        addresses: [{ type: 'InternalIP', address: '198.18.64.1' }],
      },
    })
    const nodes = await table('/api/v1/nodes')
    expect(nodes.rows[0]?.cells.slice(0, 3)).toEqual(['lab-1', 'Ready,SchedulingDisabled', 'worker'])
    expect(nodes.rows[0]?.cells[5]).toBe('198.18.64.1')
    const { rows } = await table('/api/v1/namespaces/default/endpoints')
    expect(rows[0]?.cells[1]).toMatch(/^198\.18\.67\.1:\d+$/)
    await api.post('/api/v1/namespaces/default/events', {
      metadata: { generateName: 'web.' },
      involvedObject: { kind: 'Deployment', namespace: 'default', name: 'web' },
      reason: 'ScalingReplicaSet',
      message: 'Scaled up replica set web-1 to 2',
      type: 'Normal',
      lastTimestamp: new Date().toISOString(),
    })
    const events = await table('/api/v1/namespaces/default/events?fieldSelector=involvedObject.name%3Dweb')
    expect(events.rows[0]?.cells.slice(1, 4)).toEqual(['Normal', 'ScalingReplicaSet', 'deployment/web'])
    for (const kind of ['configmaps', 'secrets', 'serviceaccounts', 'services']) {
      expect((await table(`/api/v1/${kind}`)).columnDefinitions[0]?.name).toBe('Name')
    }
  })

  it('can be of metadata alone', async () => {
    const accept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1'
    const { body } = await api.get('/api/v1/namespaces', accept)
    expect(body.kind).toBe('PartialObjectMetadataList')
    expect(body.items[0]).toMatchObject({ kind: 'PartialObjectMetadata', metadata: { name: 'default' } })
    expect(body.items[0]).not.toHaveProperty('spec')
  })

  it.each([
    [0, '0s'],
    [119_999, '119s'],
    [125_000, '2m5s'],
    [600_000, '10m'],
    [3 * 3_600_000 + 60_000, '3h1m'],
    [30 * 3_600_000, '30h'],
    [60 * 3_600_000, '2d12h'],
    [400 * 86_400_000, '400d'],
    [3 * 365 * 86_400_000, '3y'],
  ])('show an age of %d ms as %s', (elapsedMs, text) => {
    const then = Date.parse('2026-01-01T00:00:00Z')
    expect(formatAge('2026-01-01T00:00:00Z', then + elapsedMs)).toBe(text)
  })
})
