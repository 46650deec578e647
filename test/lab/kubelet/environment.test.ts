import type { Container, Pod } from 'kubernetes-types/core/v1.d.ts'
import { describe, expect, test } from 'vitest'
import { containerEnvironment } from '../../../src/lab/kubelet/environment.ts'
import { expand } from '../../../src/lab/kubelet/expansion.ts'
import { apiServerService, serviceEnvironment } from '../../../src/lab/kubelet/service-environment.ts'

const data: Record<string, Record<string, string>> = {
  'ConfigMap settings': { LEVEL: 'debug', url: 'http://web' },
  'Secret login': { password: 'hunter2' },
}

function environmentOf(container: Partial<Container>, given: Record<string, string> = {}) {
  const pod: Pod = {
    metadata: { name: 'web-1', namespace: 'shop', labels: { app: 'web' }, annotations: { 'a/b': 'c' } },
    spec: { nodeName: 'node-1', containers: [] },
  }
  return containerEnvironment({
    pod,
    container: { name: 'web', ...container },
    given,
    podAddress: '127.18.64.2',
    nodeAddress: '127.18.64.1',
    readData: async (kind, name) => data[`${kind} ${name}`],
  })
}

test('expansion knows references, escapes and the unknown', () => {
  const variables = { A: 'one', B: '$(A)' }
  expect(expand('$(A) $(B) $$(A) $(C) $A $ $$', variables)).toBe('one $(A) $(A) $(C) $A $ $')
})

describe('the environment of a container', () => {
  test('its own variables win over given ones, and refer to those before them', async () => {
    const env = [
      { name: 'HOST', value: 'own' },
      { name: 'URL', value: 'http://$(HOST):$(PORT)/$(LATER)' },
      { name: 'LATER', value: 'x' },
    ]
    expect(await environmentOf({ env }, { HOST: 'given', PORT: '80' })).toEqual({
      HOST: 'own',
      PORT: '80',
      URL: 'http://own:80/$(LATER)',
      LATER: 'x',
    })
  })

  test.each([
    ['metadata.name', 'web-1'],
    ['metadata.namespace', 'shop'],
    ["metadata.labels['app']", 'web'],
    ["metadata.labels['none']", ''],
    ["metadata.annotations['a/b']", 'c'],
    ['spec.nodeName', 'node-1'],
    ['status.podIP', '127.18.64.2'],
    ['status.hostIP', '127.18.64.1'],
  ])('the field %s is %j', async (fieldPath, value) => {
    expect(await environmentOf({ env: [{ name: 'IT', valueFrom: { fieldRef: { fieldPath } } }] })).toEqual({
      IT: value,
    })
  })

  test('ConfigMaps and Secrets', async () => {
    const container = {
      envFrom: [{ prefix: 'APP_', configMapRef: { name: 'settings' } }],
      env: [
        { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'login', key: 'password' } } },
        { name: 'NONE', valueFrom: { configMapKeyRef: { name: 'none', key: 'x', optional: true } } },
      ],
    }
    expect(await environmentOf(container)).toEqual({ APP_LEVEL: 'debug', APP_url: 'http://web', PASSWORD: 'hunter2' })
  })

  test.each<[string, Partial<Container>]>([
    ['configmap "none" not found', { envFrom: [{ configMapRef: { name: 'none' } }] }],
    ['secret "none" not found', { env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'none', key: 'x' } } }] }],
    [
      'couldn\'t find key x in ConfigMap "settings"',
      { env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'settings', key: 'x' } } }] },
    ],
    ['"status.phase"', { env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'status.phase' } } }] }],
    ['"limits.gpu"', { env: [{ name: 'A', valueFrom: { resourceFieldRef: { resource: 'limits.gpu' } } }] }],
  ])('what is missing is named: %s', async (message, container) => {
    await expect(environmentOf(container)).rejects.toThrow(message)
  })
})

describe('the environment of services', () => {
  test('every form of a service with named ports, at its address on this machine', () => {
    const ports = [
      { name: 'http-api', port: 8000 },
      { name: 'metrics', port: 9000, protocol: 'TCP' },
    ]
    expect(serviceEnvironment([{ metadata: { name: 'my-web' }, spec: { clusterIP: '198.18.67.10', ports } }])).toEqual({
      MY_WEB_SERVICE_HOST: '127.18.67.10',
      MY_WEB_SERVICE_PORT: '8000',
      MY_WEB_SERVICE_PORT_HTTP_API: '8000',
      MY_WEB_SERVICE_PORT_METRICS: '9000',
      MY_WEB_PORT: 'tcp://127.18.67.10:8000',
      MY_WEB_PORT_8000_TCP: 'tcp://127.18.67.10:8000',
      MY_WEB_PORT_8000_TCP_PROTO: 'tcp',
      MY_WEB_PORT_8000_TCP_PORT: '8000',
      MY_WEB_PORT_8000_TCP_ADDR: '127.18.67.10',
      MY_WEB_PORT_9000_TCP: 'tcp://127.18.67.10:9000',
      MY_WEB_PORT_9000_TCP_PROTO: 'tcp',
      MY_WEB_PORT_9000_TCP_PORT: '9000',
      MY_WEB_PORT_9000_TCP_ADDR: '127.18.67.10',
    })
  })

  test('a headless service has none', () => {
    expect(
      serviceEnvironment([{ metadata: { name: 'db' }, spec: { clusterIP: 'None', ports: [{ port: 1 }] } }]),
    ).toEqual({})
  })

  test('the API server is a service', () => {
    expect(serviceEnvironment([apiServerService('https://127.18.67.1:6443')])).toMatchObject({
      KUBERNETES_SERVICE_HOST: '127.18.67.1',
      KUBERNETES_SERVICE_PORT_HTTPS: '6443',
    })
  })
})
