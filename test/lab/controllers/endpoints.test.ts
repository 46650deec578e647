import { expect, onTestFinished, test, vi } from 'vitest'
import { startApiServer } from '../../../src/lab/apiserver/server.ts'
import { ApiClient, endpoints, eventRecorder, Informer, services, WorkQueue } from '../../../src/lab/client/index.ts'
import type { ControllerContext } from '../../../src/lab/controllers/context.ts'
import { startEndpointsController } from '../../../src/lab/controllers/endpoints/controller.ts'
import { systemClock } from '../../../src/support/clock.ts'

test('the endpoints of a service that is deleted go, also those which the controller has not seen come', async () => {
  const server = await startApiServer({ host: '127.0.0.1', port: 0, serviceRange: '198.18.67' })
  const client = new ApiClient(server.access)
  const serviceInformer = new Informer(client, services)
  const context: ControllerContext = {
    client,
    clock: systemClock,
    nodeGraceMs: 0,
    resources: [],
    // Only services are followed: news of all else is as late as can be.
    informer: (resource) => (resource.kind === 'Service' ? serviceInformer : new Informer(client, resource)) as never,
    queue: (sync) => new WorkQueue(sync),
    recorder: (component) => eventRecorder(client, component),
  }
  startEndpointsController(context)
  serviceInformer.start()
  onTestFinished(async () => {
    await serviceInformer.stop()
    client.close()
    await server.close()
  })

  const name = { namespace: 'default', name: 'web' }
  const spec = { selector: { app: 'web' }, ports: [{ port: 80 }] }
  await client.create(services, { metadata: name, spec })
  await vi.waitFor(() => client.get(endpoints, name), { timeout: 10_000 })
  await client.remove(services, name)
  const rejection = expect.objectContaining({ status: 404 })
  await vi.waitFor(() => expect(client.get(endpoints, name)).rejects.toEqual(rejection), { timeout: 10_000 })
})
