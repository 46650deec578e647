import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createCertificate } from '../../../src/lab/apiserver/tls/certificate.ts'
import { ApiClient, ApiError, Informer, pods, type Stored } from '../../../src/lab/client/index.ts'

type Answer = (response: ServerResponse, request: IncomingMessage) => void

let server: Server
let client: ApiClient
let informer: Informer<Pod>
/** What the server was asked, and what it answers next: each answer is for one request. */
let asked: string[]
let answers: Answer[]
let changes: string[]

beforeEach(async () => {
  asked = []
  answers = []
  changes = []
  const { cert, key } = createCertificate('127.0.0.1')
  server = createServer({ cert, key }, (request, response) => {
    asked.push(`${request.method} ${request.url}`)
    const answer = answers.shift()
    // Nothing more to say: as an API server whose watch has no events.
    if (answer) answer(response, request)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  client = new ApiClient({ server: `https://127.0.0.1:${port}`, token: 'secret', ca: cert })
  informer = new Informer(client, pods, { namespace: 'default' })
  informer.onChange((old, current) => changes.push(`${versionOf(old)} → ${versionOf(current)}`))
})
afterEach(async () => {
  await informer.stop()
  client.close()
  server.closeAllConnections()
  server.close()
})

const versionOf = (pod: Stored<Pod> | undefined) =>
  pod ? `${pod.metadata.name}@${pod.metadata.resourceVersion}` : 'none'

function pod(name: string, resourceVersion: number, uid = name): object {
  return { metadata: { name, namespace: 'default', uid, resourceVersion: String(resourceVersion) } }
}

const list =
  (resourceVersion: number, ...items: object[]): Answer =>
  (response) =>
    response.end(JSON.stringify({ metadata: { resourceVersion: String(resourceVersion) }, items }))

const line = (type: string, object: object) => `${JSON.stringify({ type, object })}\n`

/** Tells events, and leaves the watch open. */
const watch =
  (...lines: string[]): Answer =>
  (response) => {
    response.writeHead(200)
    response.write(lines.join(''))
  }

/** Tells events, and breaks the connection. */
const brokenWatch =
  (...lines: string[]): Answer =>
  (response) => {
    response.writeHead(200)
    response.write(lines.join(''), () => response.destroy())
  }

const expired: Answer = (response) => {
  response.writeHead(410)
  response.end(JSON.stringify({ kind: 'Status', code: 410, reason: 'Expired', message: 'too old' }))
}

const collectionPath = 'GET /api/v1/namespaces/default/pods'
const watchFrom = (version: number) =>
  `${collectionPath}?watch=true&allowWatchBookmarks=true&resourceVersion=${version}`

describe('an informer', () => {
  test('lists, then watches from there, and tells of each change', async () => {
    const long = 'x'.repeat(100_000)
    const changed = { ...pod('a', 3), metadata: { ...(pod('a', 3) as Stored<Pod>).metadata, annotations: { long } } }
    answers = [
      list(2, pod('a', 1)),
      watch(line('MODIFIED', changed), line('ADDED', pod('b', 4)), line('DELETED', pod('a', 5))),
    ]
    informer.start()
    await informer.synced
    expect(changes).toEqual(['none → a@1'])
    await vi.waitFor(() => expect(changes).toEqual(['none → a@1', 'a@1 → a@3', 'none → b@4', 'a@5 → none']))
    expect(informer.list().map(versionOf)).toEqual(['b@4'])
    expect(asked).toEqual([collectionPath, watchFrom(2)])
  })

  test('resumes a broken watch where it ended, after a bookmark too', async () => {
    answers = [
      list(2, pod('a', 1)),
      brokenWatch(line('ADDED', pod('b', 4)), line('BOOKMARK', { metadata: { resourceVersion: '9' } })),
      watch(line('DELETED', pod('b', 10))),
    ]
    informer.start()
    await vi.waitFor(() => expect(changes).toEqual(['none → a@1', 'none → b@4', 'b@10 → none']))
    expect(asked).toEqual([collectionPath, watchFrom(2), watchFrom(9)])
  })

  test.each([
    ['the answer', expired],
    ['an event', watch(line('ERROR', { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' }))],
  ])('lists again when its version is too old, said by %s, and tells what changed meanwhile', async (_, tooOld) => {
    answers = [
      list(2, pod('a', 1), pod('b', 1), pod('c', 1)),
      tooOld,
      list(20, pod('a', 1), pod('b', 15), pod('c', 18, 'another')),
      watch(),
    ]
    informer.start()
    await vi.waitFor(() => expect(asked).toEqual([collectionPath, watchFrom(2), collectionPath, watchFrom(20)]))
    expect(changes.slice(3)).toEqual(['b@1 → b@15', 'c@1 → none', 'none → c@18'])
  })

  test('goes on asking until the server answers', async () => {
    const refuse: Answer = (response) => response.destroy()
    const broken: Answer = (response) => {
      response.writeHead(500)
      response.end('{"message":"not now"}')
    }
    answers = [refuse, broken, list(2, pod('a', 1)), watch()]
    informer.start()
    await informer.synced
    expect(changes).toEqual(['none → a@1'])
  })

  test('a server that does not have the kind has none of it, and is asked again', async () => {
    const status = { kind: 'Status', code: 404, reason: 'NotFound', message: 'the server could not find it' }
    answers.push((response) => response.writeHead(404).end(JSON.stringify(status)), list(5, pod('a', 5)))
    informer.start()
    await informer.synced
    expect(informer.list()).toEqual([])
    await vi.waitFor(() => expect(changes).toEqual(['none → a@5']))
  })

  test('tells nothing more when it was stopped', async () => {
    let open: ServerResponse | undefined
    const keep: Answer = (response, request) => {
      open = response
      watch(line('ADDED', pod('a', 3)))(response, request)
    }
    answers = [list(2), keep]
    informer.start()
    await vi.waitFor(() => expect(changes).toEqual(['none → a@3']))
    await informer.stop()
    open?.write(line('ADDED', pod('b', 4)))
    expect(changes).toEqual(['none → a@3'])
  })
})

describe('the client', () => {
  test('sends the token, and rejects with what the server says', async () => {
    let authorization: string | undefined
    const status = { kind: 'Status', code: 404, reason: 'NotFound', message: 'pods "a" not found' }
    answers = [
      (response, request) => {
        authorization = request.headers.authorization
        response.writeHead(404)
        response.end(JSON.stringify(status))
      },
    ]
    const failure = client.get(pods, { namespace: 'default', name: 'a' })
    await expect(failure).rejects.toBeInstanceOf(ApiError)
    await expect(failure).rejects.toMatchObject({ status: 404, reason: 'NotFound', message: 'pods "a" not found' })
    expect(authorization).toBe('Bearer secret')
  })

  test('passes on what stood between when no API server answers', async () => {
    answers = [(response) => void response.writeHead(502).end('<html>bad gateway</html>')]
    await expect(client.list(pods)).rejects.toMatchObject({
      status: 502,
      message: 'HTTP 502: <html>bad gateway</html>',
    })
  })
})
