import { request } from 'undici'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { kubernetes } from '../../src/kubernetes/index.ts'
import { createNamespace, type TestNamespace } from './cluster.ts'
import { openSpecSession } from './spec-session.ts'
import { lab, realCluster, type TestTarget } from './targets.ts'

describe.for([lab, realCluster])('a service on $name', ({ runs, start }) => {
  if (!runs) return test.skip('is called', () => undefined)

  let cluster: TestTarget | undefined
  let namespace: TestNamespace

  beforeAll(async () => {
    cluster = await start()
    namespace = await createNamespace(cluster.target)
    const ports = [
      { name: 'admin', port: 9000, targetPort: 8000 },
      { name: 'http', port: 8000, targetPort: 8000 },
    ]
    await Promise.all([
      namespace.addService('web'),
      namespace.addService('two-ports', { selector: { app: 'web' }, ports }),
      namespace.addService('nobody', { selector: { app: 'nobody' } }),
      namespace.addService('headless', { clusterIP: 'None' }),
      namespace.addDeployment('web'),
    ])
    openSpecSession(namespace.target)
    await kubernetes.deployment('web').rolledOut({ within: '2m' })
  })

  afterAll(async () => {
    await namespace?.remove()
    await cluster?.stop()
  })

  test('is called at its URL', async () => {
    const reference = kubernetes.service('web').url('/health')
    expect(reference.description).toBe('service/web')
    const url = await reference.resolve()
    expect(url).toMatch(/^http:\/\/[\d.]+:8000\/health$/)
    // The nodes hear of a ready pod a little later than the API; a connection from before that is kept would stay where it is.
    const status = async () => (await request(url, { reset: true })).statusCode
    await vi.waitFor(async () => expect(await status()).toBe(200), { timeout: 30_000, interval: 100 })
  })

  test('has the URLs of its ports, by name and by number', async () => {
    const service = kubernetes.service('two-ports')
    expect(await service.url().resolve()).toMatch(/:9000\/$/)
    expect(await service.url('/count?of=all', { port: 'http' }).resolve()).toMatch(/:8000\/count\?of=all$/)
    expect(await service.url('/', { port: 8000 }).resolve()).toMatch(/:8000\/$/)
    await expect(service.url('/', { port: 'metrics' }).resolve()).rejects.toMatchObject({
      code: 'CHAOS_NO_SUCH_PORT',
      message: expect.stringContaining('It has: admin (9000), http (8000).'),
    })
  })

  test('without a ready pod has the URL that users find nobody at', async () => {
    const url = await kubernetes.service('nobody').url('/').resolve()
    await expect(request(url)).rejects.toMatchObject({
      code: expect.stringMatching(/ECONN(REFUSED|RESET)|UND_ERR_SOCKET/),
    })
  })

  test('without a cluster IP cannot be called', async () => {
    await expect(kubernetes.service('headless').url('/').resolve()).rejects.toMatchObject({
      code: 'CHAOS_SERVICE_UNREACHABLE',
    })
  })

  test('that does not exist is named, and so are those that do', async () => {
    await expect(kubernetes.service('wbe').url('/').resolve()).rejects.toMatchObject({
      code: 'CHAOS_NO_SUCH_SERVICE',
      message: expect.stringMatching(/"wbe".*It has: .*web/),
    })
  })
})
