import { expect, test } from 'vitest'
import { kubernetes } from '../../src/kubernetes/index.ts'
import { traffic } from '../../src/traffic/index.ts'
import { ApiServer, token } from './api-server.ts'
import { patient } from './plans.ts'
import { SpecSession } from './spec-session.ts'

test('a service that nothing else reaches is called through the API server, and what that says of itself is told apart', async () => {
  await using server = await ApiServer.start([200, 503, 500, 502])
  const session = SpecSession.open(server.target)
  const users = traffic({
    ...patient,
    url: kubernetes.service('web').url('/tea?cups=2'),
    rate: '200/s',
    // Credentials of the spec for the service would take the place of those for the API server.
    auth: { bearer: 'somebody else' },
    request: ({ sequence }) => (sequence === 7 ? { path: '/other' } : {}),
  })

  const seen = await users.for('40ms')

  expect(seen.counts).toMatchObject({ planned: 8, completed: 2, outcomes: { '2xx': 2, '5xx': 2, 'via-proxy': 4 } })
  expect(server.proxied.toSorted()).toEqual(['/other', ...Array(7).fill('/tea?cups=2')])
  expect(seen.reachedBy).toBe('service proxy of the API server')
  expect(session.events[0]).toMatchObject({ reachedBy: 'service proxy of the API server', url: seen.url })
  expect(seen.url).toMatch(/\/api\/v1\/namespaces\/default\/services\/http:web:80\/proxy\/tea\?cups=2$/)
  expect(JSON.stringify([session.events, session.tracer.ended, seen])).not.toContain(token)
})

test('whoever may not use the proxy is told so, and no user is sent', async () => {
  await using server = await ApiServer.start()
  SpecSession.open(server.target)
  server.mayProxy = false

  const seen = traffic({ ...patient, url: kubernetes.service('web').url('/'), rate: '100/s' }).for('50ms')

  await expect(seen).rejects.toMatchObject({
    code: 'CHAOS_FORBIDDEN',
    message: expect.stringContaining('services/proxy'),
  })
  expect(server.proxied).toEqual([])
})

test('a URL alone cannot lead through the API server', async () => {
  await using server = await ApiServer.start()
  SpecSession.open(server.target)

  await expect(kubernetes.service('web').url('/').resolve()).rejects.toMatchObject({
    code: 'CHAOS_SERVICE_UNREACHABLE',
  })
})
