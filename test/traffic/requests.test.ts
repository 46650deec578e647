import { once } from 'node:events'
import { createServer as createSecureServer, type Server } from 'node:https'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createCertificate } from '../../src/lab/apiserver/tls/certificate.ts'
import { createTracing } from '../../src/tracing/provider.ts'
import { type AnswerExpectation, traffic } from '../../src/traffic/index.ts'
import { EchoServer } from './echo-server.ts'
import { listenOnLoopback } from './loopback.ts'
import { patient, planFor, startLoad } from './plans.ts'
import { SpecSession } from './spec-session.ts'

let server: EchoServer

beforeEach(async () => {
  SpecSession.open()
  server = await EchoServer.start()
  return () => server.close()
})

describe('a request', () => {
  test('has the method, the headers and the body that the spec gives', async () => {
    await traffic({
      url: `${server.url}orders?a=1`,
      rate: '100/s',
      method: 'POST',
      headers: { 'content-type': 'text/plain', 'x-user': 'one' },
      body: 'tea',
    }).for('10ms')

    expect(server.requests[0]).toMatchObject({
      method: 'POST',
      url: '/orders?a=1',
      headers: { 'content-type': 'text/plain', 'x-user': 'one', 'content-length': '3' },
      body: 'tea',
    })
  })

  test('is made by a function, where each is another', async () => {
    const seen = await traffic({
      url: `${server.url}orders`,
      rate: '100/s',
      method: 'PUT',
      headers: { 'X-Cup': 'small', 'x-shop': 'one' },
      request: ({ sequence }) =>
        sequence === 1
          ? { method: 'DELETE' }
          : { path: `/orders/${sequence}?a=ä`, headers: { 'x-cup': 'large' }, body: new Uint8Array([116, 101, 97]) },
    }).for('30ms')

    expect(seen.counts).toMatchObject({ completed: 3 })
    expect(server.inOrder).toMatchObject([
      { method: 'PUT', url: '/orders/0?a=%C3%A4', headers: { 'x-cup': 'large', 'x-shop': 'one' }, body: 'tea' },
      { method: 'DELETE', url: '/orders', headers: { 'x-cup': 'small', 'x-shop': 'one' }, body: '' },
      { method: 'PUT', url: '/orders/2?a=%C3%A4', headers: { 'x-cup': 'large', 'x-shop': 'one' }, body: 'tea' },
    ])
  })

  test.each([
    [
      'a function that throws',
      () => {
        throw new Error('no tea left')
      },
      'no tea left',
    ],
    ['a path to elsewhere', () => ({ path: '//elsewhere/' }), 'must begin with one slash'],
    ['a relative path', () => ({ path: 'orders' }), 'must begin with one slash'],
    ['a header that cannot be sent', () => ({ headers: { 'x y': 'z' } }), '"x y" cannot be sent'],
    ['a method that does not exist', () => ({ method: 'TEA TIME' }), 'invalid request method'],
  ])('cannot be made by %s, and the users stop', async (_, request, message) => {
    const seen = traffic({ ...patient, url: server.url, rate: '100/s', name: 'shoppers', request }).for('1h')

    await expect(seen).rejects.toMatchObject({ code: 'CHAOS_BAD_REQUEST', message: expect.stringContaining(message) })
    expect(server.requests).toEqual([])
  })

  test('that cannot be made stops the method, too', async () => {
    const request = () => ({ path: 'orders' })

    const observed = traffic({ ...patient, url: server.url, rate: '100/s', request }).during(
      () => new Promise(() => {}),
    )

    await expect(observed).rejects.toMatchObject({ code: 'CHAOS_BAD_REQUEST' })
  })

  test('says its number in the traffic, and keeps it in the exemplar', async () => {
    const seen = await traffic({ ...patient, url: server.url, rate: '100/s' }).for('30ms')

    expect(server.inOrder.map(({ headers }) => headers['x-chaos-test-sequence'])).toEqual(['0', '1', '2'])
    expect(seen.slowest.map(({ sequence }) => sequence).sort()).toEqual([0, 1, 2])
  })

  test('has the headers of its trace, W3C and B3, and the pod that answers is in the exemplar', async () => {
    const tracing = createTracing({ serviceName: 'users' })

    const plan = { ...planFor(new URL(server.url), { perSecond: 100 }), endMs: 10 }
    const { slowest } = await startLoad(plan, { tracer: tracing.tracer }).finished

    await tracing.shutdown()
    const { headers } = server.requests[0] ?? {}
    const { traceId = '', pod } = slowest[0] ?? {}
    expect(pod).toBe('tea-1')
    expect(headers).toMatchObject({ traceparent: expect.stringContaining(traceId), 'x-b3-traceid': traceId })
    expect(headers?.b3).toMatch(new RegExp(`^${traceId}-[0-9a-f]{16}-1$`))
  })

  test.each([
    [{ bearer: 'secret' }, 'Bearer secret'],
    [{ user: 'me', password: 'tea' }, 'Basic bWU6dGVh'],
  ])('has credentials: %o', async (auth, authorization) => {
    const session = SpecSession.open()

    await traffic({ ...patient, url: server.url, rate: '100/s', auth }).for('10ms')

    expect(server.requests[0]?.headers).toMatchObject({ authorization })
    expect(JSON.stringify([session.events, session.tracer.ended])).not.toMatch(/secret|tea"|bWU6dGVh/)
  })
})

describe('an answer', () => {
  const body = JSON.stringify({ tea: { kind: 'green', cups: [1, 2] }, left: null })

  test.each<[AnswerExpectation, boolean]>([
    [{ status: 200 }, true],
    [{ status: [201, 202] }, false],
    [{ json: { tea: { kind: 'green' } } }, true],
    [{ json: { tea: { kind: 'black' } } }, false],
    [{ json: { tea: { cups: [1, 2] } } }, true],
    [{ json: { tea: { cups: [1] } } }, false],
    [{ json: { left: null } }, true],
    [{ json: { sold: null } }, false],
    [{ json: [] }, false],
    [{ json: (json) => (json as { tea: { cups: number[] } }).tea.cups.length === 2 }, true],
    [{ json: (json) => (json as unknown as { coffee: { cups: number[] } }).coffee.cups.length === 2 }, false],
    [{ body }, true],
    [{ body: 'tea' }, false],
    [{ body: /green/g }, true],
    [{ body: /black/ }, false],
    [{ body: (text) => text.length > 10 }, true],
    [{ status: 200, body: /green/ }, true],
    [{ status: 404, body: /green/ }, false],
  ])('is held against %o', async (expectation, expected) => {
    server.answer = { status: 200, body }

    const { counts } = await traffic({ ...patient, url: server.url, rate: '300/s', expect: expectation }).for('10ms')

    const outcome =
      expected || expectation.status === 404 || Array.isArray(expectation.status) ? '2xx' : 'unexpected-body'
    expect(counts).toMatchObject({ [expected ? 'completed' : 'failed']: 3, outcomes: { [outcome]: 3 } })
  })

  test('that is no JSON, or too long to be looked into, is not what was expected', async () => {
    server.answer = { status: 200, body: '{"tea"' }
    const users = traffic({ ...patient, url: server.url, rate: '100/s', expect: { json: {} } })
    expect((await users.for('10ms')).counts.outcomes).toEqual({ 'unexpected-body': 1 })

    server.answer = { status: 200, body: `{"tea":"${'x'.repeat(1024 * 1024)}"}` }
    expect((await users.for('10ms')).counts.outcomes).toEqual({ 'unexpected-body': 1 })

    server.answer = { status: 200, body: `{"tea":"${'x'.repeat(1024 * 1023)}"}` }
    expect((await users.for('10ms')).counts.outcomes).toEqual({ '2xx': 1 })
  })
})

describe('TLS', () => {
  let secure: Server
  let url: string
  let ca: string
  let client: { cert: string; key: string }

  beforeAll(async () => {
    const { cert, key } = createCertificate('tea.example')
    ca = cert
    client = { cert, key }
    secure = createSecureServer(
      { cert, key, ca, requestCert: true, rejectUnauthorized: false },
      (request, response) => {
        const { subjectaltname } = (request.socket as import('node:tls').TLSSocket).getPeerCertificate()
        response.end(JSON.stringify({ client: subjectaltname ?? null }))
      },
    )
    url = `https://127.0.0.1:${await listenOnLoopback(secure)}/`
  })

  afterAll(async () => {
    secure.close()
    await once(secure, 'close')
  })

  test.each([{ keepAlive: false }, { keepAlive: true }])(
    'is spoken with an authority and a name of its own (keepAlive: $keepAlive)',
    async ({ keepAlive }) => {
      const tls = { ca, servername: 'tea.example' }

      const seen = await traffic({
        ...patient,
        url,
        rate: '100/s',
        keepAlive,
        tls,
        expect: { json: { client: null } },
      }).for('30ms')

      expect(seen.counts).toMatchObject({ completed: 3, outcomes: { '2xx': 3 } })
    },
  )

  test('is spoken as somebody', async () => {
    const tls = { ca, servername: 'tea.example', ...client }

    const seen = await traffic({
      ...patient,
      url,
      rate: '100/s',
      tls,
      expect: { json: { client: 'DNS:tea.example' } },
    }).for('10ms')

    expect(seen.counts).toMatchObject({ completed: 1 })
  })

  test('is not spoken with somebody of another name, unless the spec says that anyone will do', async () => {
    const named = await traffic({ ...patient, url, rate: '100/s', tls: { ca } }).for('10ms')
    const anyone = await traffic({ ...patient, url, rate: '100/s', tls: { rejectUnauthorized: false } }).for('10ms')

    expect(named.counts.outcomes).toEqual({ tls: 1 })
    expect(anyone.counts.outcomes).toEqual({ '2xx': 1 })
  })
})
