import { once } from 'node:events'
import { connect as connectTls } from 'node:tls'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Store } from '../../../src/lab/apiserver/store/store.ts'
import { configMap, configMapsPath, mergePatchType, pod, podsPath, TestApi, tableType } from './api.ts'

describe('a watch', () => {
  let api: TestApi
  beforeEach(async () => {
    api = await TestApi.start()
  })
  afterEach(() => api.stop())

  const label = (name: string, labels: object) =>
    api.patch(`${configMapsPath}/${name}`, { metadata: { labels } }, mergePatchType)

  it('begins with what is there, and goes on with every write in order', async () => {
    await api.post(configMapsPath, configMap('a'))
    const watch = await api.watch(configMapsPath)
    await api.post(configMapsPath, configMap('b'))
    await label('a', { x: '1' })
    await api.remove(`${configMapsPath}/b`)
    expect(await watch.take(4)).toEqual(['ADDED a', 'ADDED b', 'MODIFIED a', 'DELETED b'])
  })

  it('begins with what is there when it is opened, not with what others began with', async () => {
    await api.post(configMapsPath, configMap('a', { k: 'old' }))
    const began = async () => {
      const watches = [
        await api.watch(configMapsPath),
        await api.watch(`${configMapsPath}?fieldSelector=metadata.name%3Da`),
      ]
      const events = await Promise.all(watches.map((watch) => watch.next()))
      return events.map((event) => event?.object.data.k)
    }
    expect([await began(), await began()]).toEqual(Array(2).fill(['old', 'old']))
    await api.patch(`${configMapsPath}/a`, { data: { k: 'new' } }, mergePatchType)
    expect(await began()).toEqual(['new', 'new'])
    const { body: list } = await api.get(configMapsPath)
    expect(list.items.map(({ data }) => data)).toEqual([{ k: 'new' }])
    await api.post(configMapsPath, configMap('b'))
    expect((await api.get(configMapsPath)).body.items).toHaveLength(2)
  })

  it('resumes after the version it is given', async () => {
    const { body: first } = await api.post(configMapsPath, configMap('a'))
    await api.post(configMapsPath, configMap('b'))
    await label('a', { x: '1' })
    const watch = await api.watch(`${configMapsPath}?resourceVersion=${first.metadata.resourceVersion}`)
    await api.post(configMapsPath, configMap('c'))
    expect(await watch.take(3)).toEqual(['ADDED b', 'MODIFIED a', 'ADDED c'])
  })

  it('from the version of a list misses nothing and repeats nothing', async () => {
    await api.post(configMapsPath, configMap('before'))
    const { body: list } = await api.get(configMapsPath)
    await api.post(configMapsPath, configMap('after'))
    const watch = await api.watch(`${configMapsPath}?resourceVersion=${list.metadata.resourceVersion}`)
    expect(await watch.take(1)).toEqual(['ADDED after'])
  })

  it('carries whole objects with rising versions, a deletion with one of its own', async () => {
    const watch = await api.watch(configMapsPath)
    const { body: created } = await api.post(configMapsPath, configMap('a', { k: 'v' }))
    await api.remove(`${configMapsPath}/a`)
    const added = await watch.next()
    expect(added?.object).toEqual(created)
    const deleted = await watch.next()
    expect(deleted?.object.data).toEqual({ k: 'v' })
    expect(Number(deleted?.object.metadata.resourceVersion)).toBeGreaterThan(Number(created.metadata.resourceVersion))
  })

  it('says nothing of writes that change nothing', async () => {
    const { body: created } = await api.post(configMapsPath, configMap('a'))
    const watch = await api.watch(configMapsPath)
    await api.put(`${configMapsPath}/a`, created)
    await api.post(configMapsPath, configMap('b'))
    expect(await watch.take(2)).toEqual(['ADDED a', 'ADDED b'])
  })

  it('adds what begins, and deletes what ceases, to be selected by labels', async () => {
    const watch = await api.watch(`${configMapsPath}?labelSelector=app%3Dx`)
    await api.post(configMapsPath, configMap('a', {}, { app: 'x' }))
    await api.post(configMapsPath, configMap('other', {}, { app: 'y' }))
    await label('a', { app: 'y' })
    await label('other', { app: 'x' })
    await label('other', { tier: 'z' })
    await api.remove(`${configMapsPath}/a`)
    await api.remove(`${configMapsPath}/other`)
    expect(await watch.take(5)).toEqual(['ADDED a', 'DELETED a', 'ADDED other', 'MODIFIED other', 'DELETED other'])
  })

  it('sees the last state that was selected when an object ceases to be', async () => {
    const watch = await api.watch(`${configMapsPath}?labelSelector=app%3Dx`)
    await api.post(configMapsPath, configMap('a', {}, { app: 'x' }))
    const { body: relabelled } = await label('a', { app: 'y' })
    await watch.next()
    const deleted = await watch.next()
    expect(deleted?.object.metadata.labels).toEqual({ app: 'x' })
    expect(deleted?.object.metadata.resourceVersion).toBe(relabelled.metadata.resourceVersion)
  })

  it('selects by fields: the pods of a node', async () => {
    const watch = await api.watch('/api/v1/pods?fieldSelector=spec.nodeName%3Dlab-1')
    await api.post(podsPath, pod('elsewhere'))
    await api.post(podsPath, pod('here'))
    await api.post(`${podsPath}/here/binding`, { target: { name: 'lab-1' } })
    expect(await watch.take(1)).toEqual(['ADDED here'])
  })

  it('is of one namespace or of all', async () => {
    await api.post('/api/v1/namespaces', { metadata: { name: 'other' } })
    const one = await api.watch('/api/v1/namespaces/other/configmaps')
    const all = await api.watch('/api/v1/configmaps')
    await api.post(configMapsPath, configMap('a'))
    await api.post('/api/v1/namespaces/other/configmaps', configMap('b'))
    expect(await all.take(2)).toEqual(['ADDED a', 'ADDED b'])
    expect(await one.take(1)).toEqual(['ADDED b'])
  })

  it('is kept alive by bookmarks, which tell where to resume, when it takes them', async () => {
    const lively = await TestApi.start({ bookmarkIntervalMs: 20 })
    try {
      const watch = await lively.watch(`${configMapsPath}?allowWatchBookmarks=true`)
      const { body: created } = await lively.post(podsPath, pod('of-another-kind'))
      const version = Number(created.metadata.resourceVersion)
      let bookmark = await watch.next()
      while (Number(bookmark?.object.metadata.resourceVersion) < version) bookmark = await watch.next()
      expect(bookmark).toMatchObject({
        type: 'BOOKMARK',
        object: { kind: 'ConfigMap', apiVersion: 'v1', metadata: { resourceVersion: String(version) } },
      })
      // A client that takes metadata alone knows no other kind.
      const accept = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1'
      const ofMetadata = await lively.watch(`${configMapsPath}?allowWatchBookmarks=true`, accept)
      expect(await ofMetadata.next()).toMatchObject({
        type: 'BOOKMARK',
        object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1' },
      })
    } finally {
      await lively.stop()
    }
  })

  it('ends after timeoutSeconds, and leaves the server alone', async () => {
    const watch = await api.watch(`${configMapsPath}?timeoutSeconds=1`)
    expect(await watch.next()).toBeUndefined()
    expect((await api.post(configMapsPath, configMap('later'))).code).toBe(201)
  })

  it('can be of one object', async () => {
    await api.post(configMapsPath, configMap('other'))
    const watch = await api.watch(`${configMapsPath}/one`)
    await api.post(configMapsPath, configMap('one'))
    await api.remove(`${configMapsPath}/other`)
    await api.remove(`${configMapsPath}/one`)
    expect(await watch.take(2)).toEqual(['ADDED one', 'DELETED one'])
  })

  it('that is not read is ended before it fills the memory', async () => {
    const { ca, token, server } = api.server.access
    const { host, hostname, port } = new URL(server)
    const socket = connectTls({ host: hostname, port: Number(port), ca }).pause()
    await once(socket, 'secureConnect')
    const closed = new Promise((resolve) => socket.on('error', () => undefined).on('close', resolve))
    socket.write(`GET ${configMapsPath}?watch=1 HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${token}\r\n\r\n`)
    const megabyte = 'x'.repeat(1024 * 1024)
    await api.post(configMapsPath, configMap('large'))
    for (let n = 0; n < 30; n++)
      await api.put(`${configMapsPath}/large`, configMap('large', { megabyte, n: String(n) }))
    socket.resume()
    await closed
  })

  it('of a version that never was is told to list again', async () => {
    const watch = await api.watch(`${configMapsPath}?resourceVersion=99999`)
    const event = await watch.next()
    expect(event).toMatchObject({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } })
    expect(await watch.next()).toBeUndefined()
  })

  it('refuses to send initial events, so that clients fall back to a list', async () => {
    const refused = await api.get(`${configMapsPath}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan`)
    expect(refused.code).toBe(422)
    expect(refused.body.reason).toBe('Invalid')
  })

  it('comes as tables when asked so, with the columns once', async () => {
    const watch = await api.watch(podsPath, tableType)
    await api.post(podsPath, pod('a'))
    await api.post(podsPath, pod('b'))
    const first = await watch.next()
    expect(first?.object.kind).toBe('Table')
    expect(first?.object.rows[0]?.cells.slice(0, 3)).toEqual(['a', '0/1', 'Pending'])
    expect(first?.object.columnDefinitions).not.toEqual([])
    expect((await watch.next())?.object.columnDefinitions).toEqual([])
  })

  it('ends when the server does', async () => {
    const other = await TestApi.start()
    const watch = await other.watch(configMapsPath)
    const next = watch.next().catch(() => undefined)
    await other.server.close()
    expect(await next).toBeUndefined()
    await other.stop().catch(() => undefined)
  })
})

describe('the history of a store', () => {
  const things = { group: '', plural: 'things' }
  const thing = (name: string) => ({ metadata: { name, uid: name, resourceVersion: '', creationTimestamp: '' } })

  it('is as long as it was made, and knows when it is too short', () => {
    const store = new Store(3)
    for (const name of ['a', 'b', 'c', 'd', 'e']) store.put(things, thing(name))
    expect(store.eventsAfter(things, 2)?.map(({ object }) => object.metadata.name)).toEqual(['c', 'd', 'e'])
    expect(store.eventsAfter(things, 5)).toEqual([])
    expect(store.eventsAfter(things, 1)).toBeUndefined()
    expect(store.oldestVersion).toBe(2)
  })
})
