import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { deployment, deploymentsPath, mergePatchType, pod, podsPath, servicesPath, TestApi } from './api.ts'

interface Refusal {
  what: string
  path: string
  body: object
  message: string
}

const named = (object: { metadata: object }, name: string) => ({ ...object, metadata: { ...object.metadata, name } })
const container = (fields: object) => pod('bad', {}, { containers: [{ name: 'a', image: 'x', ...fields }] })

const refusals: Refusal[] = [
  {
    what: 'a name that is none',
    path: podsPath,
    body: named(pod('x'), 'Not_A_Name'),
    message:
      'Pod "Not_A_Name" is invalid: metadata.name: Invalid value: "Not_A_Name": a lowercase RFC 1123 subdomain must consist of',
  },
  {
    what: 'an object without a name',
    path: podsPath,
    body: { spec: { containers: [] } },
    message: 'Pod "" is invalid: metadata.name: Required value: name or generateName is required',
  },
  {
    what: 'a label that is none',
    path: podsPath,
    body: pod('bad', { app: 'not a value' }),
    message: 'metadata.labels: Invalid value: "not a value": a valid label must be an empty string or consist of',
  },
  {
    what: 'a pod without containers',
    path: podsPath,
    body: pod('bad', {}, { containers: [] }),
    message: 'Pod "bad" is invalid: spec.containers: Required value',
  },
  {
    what: 'two containers of one name',
    path: podsPath,
    body: pod(
      'bad',
      {},
      {
        containers: [
          { name: 'a', image: 'x' },
          { name: 'a', image: 'y' },
        ],
      },
    ),
    message: 'Pod "bad" is invalid: spec.containers[1].name: Duplicate value: "a"',
  },
  {
    what: 'a container without an image',
    path: podsPath,
    body: container({ image: '' }),
    message: 'Pod "bad" is invalid: spec.containers[0].image: Required value',
  },
  {
    what: 'a port that is none',
    path: podsPath,
    body: container({ ports: [{ containerPort: 70_000 }] }),
    message: 'spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive',
  },
  {
    what: 'a probe that probes nothing',
    path: podsPath,
    body: container({ readinessProbe: { periodSeconds: 2 } }),
    message: 'Pod "bad" is invalid: spec.containers[0].readinessProbe: Required value: must specify a handler type',
  },
  {
    what: 'a liveness probe that must succeed twice',
    path: podsPath,
    body: container({ livenessProbe: { tcpSocket: { port: 80 }, successThreshold: 2 } }),
    message: 'spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1',
  },
  {
    what: 'a mount of no volume',
    path: podsPath,
    body: container({ volumeMounts: [{ name: 'nothing', mountPath: '/x' }] }),
    message: 'spec.containers[0].volumeMounts[0].name: Not found: "nothing"',
  },
  {
    what: 'a selector that does not match the template',
    path: deploymentsPath,
    body: deployment('bad', { selector: { matchLabels: { app: 'other' } } }),
    message:
      'Deployment.apps "bad" is invalid: spec.template.metadata.labels: Invalid value: {"app":"bad"}: `selector` does not match template `labels`',
  },
  {
    what: 'a deployment without a selector',
    path: deploymentsPath,
    body: deployment('bad', { selector: null }),
    message: 'Deployment.apps "bad" is invalid: spec.selector: Required value',
  },
  {
    what: 'a rollout that can make no step',
    path: deploymentsPath,
    body: deployment('bad', { strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: '0%' } } }),
    message:
      'Deployment.apps "bad" is invalid: spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "0%": may not be 0 when `maxSurge` is 0',
  },
  {
    what: 'a Recreate that rolls',
    path: deploymentsPath,
    body: deployment('bad', { strategy: { type: 'Recreate', rollingUpdate: { maxSurge: 1 } } }),
    message: "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'",
  },
  {
    what: 'a deadline before pods can be available',
    path: deploymentsPath,
    body: deployment('bad', { minReadySeconds: 10, progressDeadlineSeconds: 10 }),
    message: 'spec.progressDeadlineSeconds: Invalid value: 10: must be greater than minReadySeconds',
  },
  {
    what: 'fewer than no replicas',
    path: deploymentsPath,
    body: deployment('bad', { replicas: -1 }),
    message: 'Deployment.apps "bad" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
  },
  {
    what: 'a service without ports',
    path: servicesPath,
    body: { metadata: { name: 'bad' }, spec: {} },
    message: 'Service "bad" is invalid: spec.ports: Required value',
  },
  {
    what: 'a port of a service twice',
    path: servicesPath,
    body: {
      metadata: { name: 'bad' },
      spec: {
        ports: [
          { name: 'a', port: 80 },
          { name: 'b', port: 80 },
        ],
      },
    },
    message: 'Service "bad" is invalid: spec.ports[1]: Duplicate value: {"protocol":"TCP","port":80}',
  },
  {
    what: 'ports of a service without names',
    path: servicesPath,
    body: { metadata: { name: 'bad' }, spec: { ports: [{ port: 80 }, { port: 81 }] } },
    message: '[spec.ports[0].name: Required value, spec.ports[1].name: Required value]',
  },
  {
    what: 'a loopback address of an endpoint',
    path: '/api/v1/namespaces/default/endpoints',
    body: { metadata: { name: 'bad' }, subsets: [{ addresses: [{ ip: '127.0.0.1' }], ports: [{ port: 80 }] }] },
    message: 'subsets[0].addresses[0].ip: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8)',
  },
  {
    what: 'endpoints of a slice without addresses, of no type',
    path: '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices',
    body: { metadata: { name: 'bad' }, endpoints: [{ addresses: [] }] },
    message: '[addressType: Required value, endpoints[0].addresses: Required value: must contain at least 1 address]',
  },
]

describe('validation', () => {
  let api: TestApi
  beforeAll(async () => {
    api = await TestApi.start()
  })
  afterAll(() => api.stop())

  it.each(refusals)('refuses $what', async ({ path, body, message }) => {
    const refused = await api.post(path, body)
    expect(refused.body.message).toContain(message)
    expect(refused.code).toBe(422)
    expect(refused.body.reason).toBe('Invalid')
    expect(refused.body.details.causes?.length).toBeGreaterThan(0)
  })

  it('keeps selectors, and what of a pod cannot change', async () => {
    await api.post(deploymentsPath, deployment('fixed'))
    const labels = { app: 'fixed', more: 'x' }
    const changed = await api.patch(
      `${deploymentsPath}/fixed`,
      { spec: { selector: { matchLabels: labels }, template: { metadata: { labels } } } },
      mergePatchType,
    )
    expect(changed.body.message).toContain('field is immutable')
    await api.post(podsPath, pod('fixed'))
    const moved = await api.patch(`${podsPath}/fixed`, { spec: { nodeName: 'lab-2' } }, mergePatchType)
    expect(moved.body.message).toContain('spec: Forbidden: pod updates may not change fields other than')
    const { body } = await api.get(`${podsPath}/fixed`)
    body.spec.containers[0].image = 'counter/app:v2'
    expect((await api.put(`${podsPath}/fixed`, body)).code).toBe(200)
    await api.post(`${podsPath}/fixed/binding`, { target: { name: 'lab-1' } })
    const rebound = await api.post(`${podsPath}/fixed/binding`, { target: { name: 'lab-2' } })
    expect(rebound.code).toBe(409)
    expect(rebound.body.message).toContain('pod fixed is already assigned to node "lab-1"')
  })
})

describe('defaults', () => {
  let api: TestApi
  beforeAll(async () => {
    api = await TestApi.start()
  })
  afterAll(() => api.stop())

  it('of a deployment', async () => {
    const { body } = await api.post(deploymentsPath, deployment('defaulted'))
    expect(body.spec).toMatchObject({
      replicas: 1,
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
    })
    expect(body.spec.template.spec).toEqual({
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 30,
      dnsPolicy: 'ClusterFirst',
      schedulerName: 'default-scheduler',
      securityContext: {},
      containers: [
        {
          name: 'app',
          image: 'counter/app:v1',
          imagePullPolicy: 'IfNotPresent',
          terminationMessagePath: '/dev/termination-log',
          terminationMessagePolicy: 'File',
          resources: {},
          ports: [{ name: 'http', containerPort: 8000, protocol: 'TCP' }],
        },
      ],
    })
  })

  it('of a pod: probes, pull policies, requests, class of service', async () => {
    const { body } = await api.post(
      podsPath,
      pod(
        'defaulted',
        {},
        {
          containers: [
            {
              name: 'a',
              image: 'registry:5000/app',
              readinessProbe: { httpGet: { port: 'http' } },
              resources: { limits: { cpu: 1, memory: '64Mi' } },
            },
          ],
        },
      ),
    )
    expect(body.status).toEqual({ phase: 'Pending', qosClass: 'Guaranteed' })
    expect(body.spec.enableServiceLinks).toBe(true)
    expect(body.spec.containers[0]).toMatchObject({
      imagePullPolicy: 'Always',
      readinessProbe: {
        httpGet: { path: '/', port: 'http', scheme: 'HTTP' },
        timeoutSeconds: 1,
        periodSeconds: 10,
        successThreshold: 1,
        failureThreshold: 3,
      },
      resources: { limits: { cpu: '1', memory: '64Mi' }, requests: { cpu: '1', memory: '64Mi' } },
    })
  })

  it('of a secret: what is given as text is kept encoded', async () => {
    const { body } = await api.post('/api/v1/namespaces/default/secrets', {
      metadata: { name: 's' },
      stringData: { user: 'ada' },
    })
    expect(body).toMatchObject({ type: 'Opaque', data: { user: 'YWRh' } })
    expect(body).not.toHaveProperty('stringData')
  })
})

describe('addresses of services', () => {
  let api: TestApi
  beforeAll(async () => {
    api = await TestApi.start()
  })
  afterAll(() => api.stop())

  const create = (name: string, spec: object = {}) =>
    api.post(servicesPath, { metadata: { name }, spec: { selector: { app: name }, ports: [{ port: 80 }], ...spec } })

  it('are given from .10 upwards, kept, and given again when they are free', async () => {
    const first = await create('first')
    expect(first.body.spec).toMatchObject({
      type: 'ClusterIP',
      clusterIP: '198.18.67.10',
      clusterIPs: ['198.18.67.10'],
      sessionAffinity: 'None',
      ports: [{ port: 80, targetPort: 80, protocol: 'TCP' }],
    })
    expect((await create('second')).body.spec.clusterIP).toBe('198.18.67.11')
    const { spec: _address, ...rest } = first.body
    const kept = await api.put(`${servicesPath}/first`, { ...rest, spec: { ports: [{ port: 81 }] } })
    expect(kept.body.spec.clusterIP).toBe('198.18.67.10')
    await api.remove(`${servicesPath}/first`)
    expect((await create('third')).body.spec.clusterIP).toBe('198.18.67.10')
  })

  it('can be named, or none', async () => {
    expect((await create('named', { clusterIP: '198.18.67.99' })).body.spec.clusterIP).toBe('198.18.67.99')
    const taken = await create('taken', { clusterIP: '198.18.67.99' })
    expect(taken.body.message).toContain('provided IP is already allocated')
    const outside = await create('outside', { clusterIP: '10.1.2.3' })
    expect(outside.body.message).toContain('The range of valid IPs is 198.18.67.0/24')
    const headless = await create('headless', { clusterIP: 'None' })
    expect(headless.body.spec.clusterIPs).toEqual(['None'])
    const moved = await api.patch(`${servicesPath}/named`, { spec: { clusterIP: '198.18.67.98' } }, mergePatchType)
    expect(moved.body.message).toContain('may not change once set')
  })

  it('are refused when all are given', async () => {
    const full = await TestApi.start()
    try {
      const spec = { ports: [{ port: 80 }] }
      for (let n = 10; n <= 254; n++) await full.post(servicesPath, { metadata: { name: `s${n}` }, spec })
      const refused = await full.post(servicesPath, { metadata: { name: 'one-more' }, spec })
      expect(refused.code).toBe(500)
      expect(refused.body.message).toContain('198.18.67.0/24 is full')
    } finally {
      await full.stop()
    }
  })
})
