import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { deployments } from '../../src/kubernetes/api/api-resources.ts'
import { connect, type Patch } from '../../src/kubernetes/api/client.ts'
import { kubernetes } from '../../src/kubernetes/index.ts'
import { type TemporaryTarget, targetAt } from './kubeconfigs.ts'

interface Answer {
  status: number
  body: unknown
  retryAfter?: string
}

const failure = (status: number, reason: string): Answer => ({
  status,
  body: { kind: 'Status', status: 'Failure', message: `because of ${reason}`, reason, code: status },
})

const web = { namespace: 'default', name: 'web' }
const nothing: Patch = { type: 'json', body: [] }

describe('what an API server may answer', () => {
  let server: Server
  let there: TemporaryTarget
  let answers: Answer[]
  let requests: string[]

  beforeEach(async () => {
    answers = []
    requests = []
    server = createServer((request, response) => {
      requests.push(`${request.method} ${request.url}`)
      const { status, body, retryAfter } = answers.shift() ?? failure(500, 'NoAnswerLeft')
      const isText = typeof body === 'string'
      if (retryAfter !== undefined) response.setHeader('retry-after', retryAfter)
      response.writeHead(status, { 'content-type': isText ? 'text/html' : 'application/json' })
      response.end(isText ? body : JSON.stringify(body))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    there = await targetAt({ server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, token: 'a-token' })
  })

  afterEach(async () => {
    server.closeAllConnections()
    server.close()
    await there.remove()
  })

  const client = () => connect(there.target, new AbortController().signal)

  test.each([
    [401, 'Unauthorized', 'CHAOS_UNAUTHORIZED'],
    [403, 'Forbidden', 'CHAOS_FORBIDDEN'],
    [422, 'Invalid', 'CHAOS_INVALID'],
    [500, 'InternalError', 'CHAOS_API_ERROR'],
    [503, 'ServiceUnavailable', 'CHAOS_API_ERROR'],
  ])('%i %s is %s, with what was tried', async (status, reason, code) => {
    answers = [failure(status, reason)]
    await expect((await client()).patch(deployments, web, nothing)).rejects.toMatchObject({
      code,
      message: expect.stringContaining('patch deployments/web in namespace "default" of the cluster "there"'),
    })
    expect(requests).toHaveLength(1)
  })

  test('a 404 of the API means that there is none, any other 404 is an error', async () => {
    answers = [failure(404, 'NotFound'), { status: 404, body: '<h1>Not here</h1>' }]
    const api = await client()
    expect(await api.find(deployments, web)).toBeUndefined()
    await expect(api.find(deployments, web)).rejects.toMatchObject({ code: 'CHAOS_API_ERROR' })
  })

  test('a kind that the API does not have is told from an object that is not there', async () => {
    answers = [
      { status: 404, body: '404 page not found\n' },
      {
        status: 404,
        body: { kind: 'Status', message: 'the server could not find the requested resource', reason: 'NotFound' },
      },
    ]
    const api = await client()
    for (let time = 0; time < 2; time++) {
      await expect(api.find(deployments, web)).rejects.toMatchObject({
        code: 'CHAOS_NOT_SERVED',
        message: expect.stringContaining('the cluster "there" does not serve deployments.apps'),
      })
    }
  })

  test('conflicts and overload are tried again', async () => {
    answers = [failure(409, 'Conflict'), failure(429, 'TooManyRequests'), { status: 200, body: { kind: 'Deployment' } }]
    await (await client()).patch(deployments, web, nothing)
    expect(requests).toEqual(
      Array(3).fill(`PATCH /apis/apps/v1/namespaces/default/deployments/web?fieldManager=chaos-test`),
    )
  })

  test('what only reads is asked again when the API server is restarted or in trouble', async () => {
    answers = [failure(500, 'InternalError'), failure(503, 'ServiceUnavailable'), { status: 200, body: { kind: 'ok' } }]
    expect(await (await client()).find(deployments, web)).toEqual({ kind: 'ok' })
    expect(requests).toHaveLength(3)
  })

  test('an API server that wants to be asked later is left alone until then', async () => {
    answers = [
      { ...failure(429, 'TooManyRequests'), retryAfter: '1' },
      { status: 200, body: { kind: 'ok' } },
    ]
    const startedAt = performance.now()
    await (await client()).patch(deployments, web, nothing)
    expect(performance.now() - startedAt).toBeGreaterThan(990)
  })

  test('conflicts without end are an error', async () => {
    answers = Array(10).fill(failure(409, 'Conflict'))
    await expect((await client()).patch(deployments, web, nothing)).rejects.toMatchObject({ code: 'CHAOS_CONFLICT' })
  })
})

describe('what is wrong before anything is asked', () => {
  const target = { kind: 'kubernetes', name: 'there', context: 'elsewhere', namespace: 'default' } as const
  const { signal } = new AbortController()

  test('a kubeconfig that does not exist', async () => {
    await expect(connect({ ...target, kubeconfig: '/no/such/file' }, signal)).rejects.toMatchObject({
      code: 'CHAOS_BAD_KUBECONFIG',
      verdict: 'usage',
    })
  })

  test('a context that the kubeconfig does not have', async () => {
    const there = await targetAt({ server: 'https://127.0.0.1:1', token: 'a-token' })
    await expect(connect({ ...there.target, context: 'elsewhere' }, signal)).rejects.toMatchObject({
      code: 'CHAOS_NO_SUCH_CONTEXT',
      message: expect.stringContaining('It has: there.'),
    })
    await there.remove()
  })

  test('a name that no deployment can have', () => {
    expect(() => kubernetes.deployment('Web 1')).toThrow(expect.objectContaining({ code: 'CHAOS_BAD_NAME' }))
  })
})
