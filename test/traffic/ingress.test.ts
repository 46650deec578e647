import { afterAll, beforeAll, expect, test } from 'vitest'
import { kubernetes } from '../../src/kubernetes/index.ts'
import { traffic } from '../../src/traffic/index.ts'
import { ApiServer } from './api-server.ts'
import { FaultServer } from './fault-server.ts'
import { patient } from './plans.ts'
import { SpecSession } from './spec-session.ts'

// The lab has no ingresses, so the API of these tests sends them as the Kubernetes API does.

let api: ApiServer

const status = { loadBalancer: { ingress: [{ ip: '127.0.0.1' }] } }
const http = { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'web', port: { number: 80 } } } }] }

beforeAll(async () => {
  api = await ApiServer.start()
  api.ingresses.shop = {
    spec: {
      rules: [
        { host: 'shop.example', http },
        { host: '*.shop.example', http },
      ],
    },
    status,
  }
  api.ingresses.secure = {
    spec: { tls: [{ hosts: ['*.pay.example'] }], rules: [{ host: '*.pay.example', http }] },
    status,
  }
  api.ingresses.default = { spec: { defaultBackend: { service: { name: 'web' } } }, status }
  api.ingresses.cloud = {
    spec: { rules: [{ http }] },
    status: { loadBalancer: { ingress: [{ hostname: 'lb.example' }] } },
  }
  api.ingresses.unserved = { spec: { rules: [{ http }] }, status: { loadBalancer: {} } }
})

afterAll(() => api[Symbol.asyncDispose]())

test('users come in by the host of an ingress, at the address in its status', async () => {
  await using controller = await FaultServer.start()
  const session = SpecSession.open(api.target)
  const port = Number(controller.url.port)

  const seen = await traffic({
    ...patient,
    url: kubernetes.ingress('shop').url('/tea?cups=2', { port }),
    rate: '100/s',
  }).for('20ms')

  expect(seen).toMatchObject({ counts: { planned: 2, completed: 2 }, reachedBy: 'ingress' })
  expect(seen.url).toBe(`http://shop.example:${port}/tea?cups=2`)
  expect(session.events[0]).toMatchObject({ reachedBy: 'ingress', url: seen.url })
  expect(controller.requests[0]).toMatch(new RegExp(`^GET /tea\\?cups=2 .*^host: shop\\.example:${port}`, 'ims'))
})

test.each<[string, string, object | undefined, string]>([
  ['shop', '/', { host: 'tea.shop.example' }, 'http://tea.shop.example/'],
  ['secure', '/', { host: 'www.pay.example' }, 'https://www.pay.example/'],
  ['secure', '/', { host: 'www.pay.example', port: 8443 }, 'https://www.pay.example:8443/'],
  ['default', '/tea', {}, 'http://127.0.0.1/tea'],
  ['cloud', '/', {}, 'http://lb.example/'],
])('%s %s %o is %s', async (name, path, options, url) => {
  SpecSession.open(api.target)
  expect(await kubernetes.ingress(name).url(path, options).resolve()).toBe(url)
})

test.each<[string, object, object]>([
  ['shp', {}, { code: 'CHAOS_NO_SUCH_INGRESS', message: expect.stringContaining('It has: shop, secure') }],
  ['shop', { host: 'a.b.shop.example' }, { code: 'CHAOS_NO_SUCH_HOST', verdict: 'failed' }],
  [
    'secure',
    {},
    { code: 'CHAOS_NO_SUCH_HOST', verdict: 'usage', message: expect.stringContaining("'shop.pay.example'") },
  ],
  ['unserved', {}, { code: 'CHAOS_INGRESS_UNREACHABLE' }],
])('%s %o cannot be called', async (name, options, error) => {
  SpecSession.open(api.target)
  await expect(kubernetes.ingress(name).url('/', options).resolve()).rejects.toMatchObject(error)
})
