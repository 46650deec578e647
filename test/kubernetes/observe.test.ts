import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { deployments } from '../../src/kubernetes/api/api-resources.ts'
import { connect } from '../../src/kubernetes/api/client.ts'
import type { Deployment } from '../../src/kubernetes/api/resources.ts'
import { observe, type Sighting } from '../../src/kubernetes/watch/observe.ts'
import { type TemporaryTarget, targetAt } from './kubeconfigs.ts'

const web = (replicas: number) => ({ kind: 'Deployment', metadata: { name: 'web' }, spec: { replicas } })
const reference = { namespace: 'default', name: 'web' }

describe('an object is seen as it changes', () => {
  let server: Server
  let port = 0
  let there: TemporaryTarget
  let end: AbortController
  /** What is there when it is listed. */
  let present: object[]
  /** What the watches answer, one after the other; the last one goes on without a word. */
  let watches: Array<(response: ServerResponse) => void>
  let asked: string[]

  const event = (type: string, object: object) => `${JSON.stringify({ type, object })}\n`
  const listen = async () => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    port = (server.address() as AddressInfo).port
  }

  beforeEach(async () => {
    present = [web(1)]
    watches = []
    asked = []
    end = new AbortController()
    server = createServer(({ url = '' }, response) => {
      const isWatch = url.includes('watch=true')
      asked.push(isWatch ? 'watch' : 'list')
      if (!isWatch) {
        response.end(JSON.stringify({ metadata: { resourceVersion: '7' }, items: present }))
        return
      }
      const answer = watches.shift()
      if (answer) answer(response)
      else response.flushHeaders()
    })
    await listen()
    there = await targetAt({ server: `http://127.0.0.1:${port}`, token: 'a-token' })
  })

  afterEach(async () => {
    end.abort()
    server.closeAllConnections()
    server.close()
    await there.remove()
  })

  async function see(): Promise<() => Promise<string>> {
    const sightings = observe(await connect(there.target, end.signal), deployments, reference)
    return async () => {
      const { value } = await sightings.next()
      return wordsFor(value)
    }
  }

  function wordsFor(sighting: Sighting<Deployment>): string {
    if ('error' in sighting) return sighting.error.code
    return sighting.object ? `${sighting.object.spec.replicas} replicas` : 'none'
  }

  test('by the events of a watch; a bookmark is none', async () => {
    watches = [
      (response) => {
        response.write(event('BOOKMARK', { kind: 'Deployment', metadata: { resourceVersion: '9' } }))
        response.write(event('MODIFIED', web(2)))
        response.write(event('DELETED', web(2)))
      },
    ]
    const next = await see()
    expect(await next()).toBe('1 replicas')
    expect(await next()).toBe('2 replicas')
    expect(await next()).toBe('none')
    expect(asked).toEqual(['list', 'watch'])
  })

  test('also when a version is too old to watch from, by an event or by an answer', async () => {
    const gone = { kind: 'Status', code: 410, reason: 'Expired' }
    watches = [
      (response) => {
        present = [web(2)]
        response.write(event('ERROR', gone))
      },
      (response) => {
        present = [web(3)]
        response.writeHead(410).end(JSON.stringify(gone))
      },
    ]
    const next = await see()
    expect([await next(), await next(), await next()]).toEqual(['1 replicas', '2 replicas', '3 replicas'])
    expect(asked).toEqual(['list', 'watch', 'list', 'watch', 'list'])
  })

  test('also when watches are forbidden, or cut off', async () => {
    watches = [
      (response) => {
        present = [web(2)]
        response.writeHead(403).end()
      },
      (response) => {
        present = [web(3)]
        response.destroy()
      },
    ]
    const next = await see()
    expect([await next(), await next(), await next()]).toEqual(['1 replicas', '2 replicas', '3 replicas'])
  })

  test('also after the API server was restarted, which is told meanwhile', async () => {
    const next = await see()
    expect(await next()).toBe('1 replicas')
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
    expect(await next()).toBe('CHAOS_UNREACHABLE')
    present = [web(2)]
    await listen()
    let seen = await next()
    while (seen === 'CHAOS_UNREACHABLE') seen = await next()
    expect(seen).toBe('2 replicas')
  })

  test('and by a look of its own when a watch says nothing any more', async () => {
    watches = [(response) => response.flushHeaders()]
    const next = await see()
    expect(await next()).toBe('1 replicas')
    present = [web(2)]
    expect(await next()).toBe('2 replicas')
  })
})
