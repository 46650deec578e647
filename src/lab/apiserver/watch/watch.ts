import type { ServerResponse } from 'node:http'
import type { Answer } from '../http/answer.ts'
import type { Call } from '../http/call.ts'
import type { ApiRequest } from '../http/request.ts'
import type { ApiObject } from '../objects.ts'
import type { Cluster, Resource } from '../resources/resource.ts'
import { badRequest, invalid } from '../status.ts'
import { type Selection, selectedOf, selectionOf } from '../verbs/selection.ts'
import { bookmark, eventEncoder, expiry, visibleEvent, type WatchEvent } from './events.ts'

/** A watch that its client does not read is ended, not kept in memory. */
const longestBacklogBytes = 16 * 1024 * 1024
const longestWatchSeconds = 24 * 60 * 60

interface Watch {
  cluster: Cluster
  resource: Resource
  selected: Selection
  /** The objects that are there. */
  present(): readonly ApiObject[]
  /** The resource version to resume from; 0: begin with the objects that are there. */
  from: number
  timeoutSeconds: number
  bookmarks: boolean
  encode(event: WatchEvent): string
  encodeBookmark(version: number): string
  /** Its events are written in the form that most watches want, the same for all of them. */
  isPlain: boolean
}

/**
 * Streams the writes to a collection, or to the one object that is named: those after `resourceVersion` or, without one or from `0`, first the objects that
 * are there. A version that is too old for that is answered by an ERROR event with code 410.
 * @throws StatusError 400, 406, 422
 */
export function watchObjects({ cluster, request, resource, namespace, name }: Call): Answer {
  const { query } = request
  if (query.has('sendInitialEvents')) throw initialEventsRefused()
  const selects = selectionOf(request, resource)
  const watch: Watch = {
    cluster,
    resource,
    selected: (object) => isBelow(object, namespace, name) && selects(object),
    present: () => {
      const all = cluster.store.list(resource, namespace)
      return selectedOf(name === '' ? all : all.filter(({ metadata }) => metadata.name === name), selects)
    },
    from: wholeNumber(request, 'resourceVersion') ?? 0,
    timeoutSeconds: Math.min(wholeNumber(request, 'timeoutSeconds') || longestWatchSeconds, longestWatchSeconds),
    bookmarks: isTrue(query.get('allowWatchBookmarks')),
    encode: eventEncoder(request, resource, () => cluster.clock.now()),
    encodeBookmark: (version) => bookmark(request, resource, version),
    isPlain: request.accept === 'json',
  }
  return { form: 'stream', start: (response) => stream(watch, response) }
}

/** Whether a path with this namespace and name, either of which can be `''`, leads to the object. */
function isBelow({ metadata }: ApiObject, namespace: string, name: string): boolean {
  return (namespace === '' || metadata.namespace === namespace) && (name === '' || metadata.name === name)
}

function stream(watch: Watch, response: ServerResponse): void {
  const { cluster, resource, selected } = watch
  let longestBacklog = longestBacklogBytes
  const send = (text: string | Buffer): void => {
    // A fault may have ended it.
    if (response.writableEnded) return
    response.write(text)
    if (response.writableLength > longestBacklog) response.destroy()
  }
  response.writeHead(200, { 'content-type': 'application/json' })
  response.flushHeaders()
  const missed = watch.from === 0 ? [] : cluster.store.eventsAfter(resource, watch.from)
  if (!missed) {
    response.end(expiry(watch.from, cluster.store.oldestVersion))
    return
  }
  const sendVisible = (event: WatchEvent | undefined): void => {
    if (event) send(watch.encode(event))
  }
  if (watch.from === 0) {
    // At once: thousands of writes, for each of many watches, would keep all others waiting.
    const text = beginningOf(watch)
    longestBacklog += text.length
    if (text.length > 0) send(text)
  }
  for (const event of missed) sendVisible(visibleEvent(event, selected))

  const unsubscribe = cluster.store.subscribe(resource, (event) => {
    try {
      sendVisible(visibleEvent(event, selected))
    } catch {
      // Who wrote the object must not hear of it: this client lists again, and is told what is wrong.
      response.destroy()
    }
  })
  const bookmarks = setInterval(() => {
    if (watch.bookmarks) send(watch.encodeBookmark(cluster.store.version))
  }, cluster.bookmarkIntervalMs)
  const timeout = setTimeout(() => {
    stop()
    response.end()
  }, watch.timeoutSeconds * 1000)
  const stop = (): void => {
    unsubscribe()
    clearInterval(bookmarks)
    clearTimeout(timeout)
  }
  response.once('close', stop)
}

/** What plain watches began with: many that are opened one after the other, of the same objects, share it. */
const beginnings = new WeakMap<readonly ApiObject[], Buffer>()

function beginningOf({ present, encode, isPlain }: Watch): Buffer {
  const objects = present()
  const known = isPlain ? beginnings.get(objects) : undefined
  const text = known ?? Buffer.from(objects.map((object) => encode({ type: 'ADDED', object })).join(''))
  if (isPlain) beginnings.set(objects, text)
  return text
}

export function isTrue(value: string | null): boolean {
  return value === 'true' || value === '1'
}

/** A number of the query; undefined when it is not given. @throws StatusError 400 */
function wholeNumber({ query }: ApiRequest, name: string): number | undefined {
  const value = query.get(name)
  if (!value) return undefined
  if (!/^\d+$/.test(value)) throw badRequest(`${name}: Invalid value: "${value}": must be a whole number`)
  return Number(value)
}

function initialEventsRefused(): Error {
  return invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', [
    {
      reason: 'FieldValueForbidden',
      message: 'Forbidden: sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled',
      field: 'sendInitialEvents',
    },
  ])
}
