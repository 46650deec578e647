import type { IncomingMessage } from 'node:http'
import { Agent, request } from 'node:https'
import { text } from 'node:stream/consumers'
import { createSecureContext } from 'node:tls'
import { answerTo } from '../http/request.ts'
import type { ApiAccess } from './access.ts'
import { apiErrorOf } from './error.ts'
import { type KubernetesObject, type ObjectName, pathOf, type Resource, type Stored } from './resources.ts'

export { ApiError } from './error.ts'

/** Which objects of a kind. Without a namespace: of all. */
export interface Selection {
  namespace?: string | undefined
  /** As in `app=service2,tier!=web`. */
  labelSelector?: string
  /** As in `spec.nodeName=lab-node-1`. */
  fieldSelector?: string
}

export interface ObjectList<T> {
  items: Stored<T>[]
  /** To watch from. */
  resourceVersion: string
}

export type WatchEventType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'

export interface WatchEvent<T> {
  type: WatchEventType
  /** A bookmark's has nothing but its `metadata.resourceVersion`. */
  object: Stored<T>
}

export interface WatchOptions extends Selection {
  /** Events after this version; absent: the present objects first. */
  resourceVersion?: string
  /** Ends the watch. */
  signal?: AbortSignal
}

export interface RemoveOptions {
  gracePeriodSeconds?: number
  propagationPolicy?: 'Background' | 'Foreground' | 'Orphan'
  preconditions?: { uid?: string; resourceVersion?: string }
}

/** How a patch is to be understood, after the media type that says so. */
export type PatchType = 'strategic-merge' | 'merge' | 'json'

const patchMediaTypes: Record<PatchType, string> = {
  'strategic-merge': 'application/strategic-merge-patch+json',
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
}

interface ApiRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  path: string
  body?: unknown
  contentType?: string
  signal?: AbortSignal | undefined
}

/**
 * A thin client of the Kubernetes API for the parts of the lab: connections are kept and used again, the server must be
 * the one of the CA, each request carries the token. Every method rejects with an `ApiError` when the server refuses.
 *
 * @example
 * const client = new ApiClient(access)
 * const pod = await client.get(pods, { namespace: 'default', name: 'web-1' })
 * await client.replace(pods, { ...pod, status }, 'status')
 */
export class ApiClient {
  readonly #server: string
  readonly #agent: Agent
  readonly #headers: Record<string, string>
  #closed = false

  /** @param userAgent what it calls itself: the fields that it writes are managed by that name */
  constructor({ server, token, ca }: ApiAccess, userAgent = 'chaos-test') {
    this.#server = server
    this.#agent = new Agent({ keepAlive: true, secureContext: createSecureContext({ ca }) })
    this.#headers = { authorization: `Bearer ${token}`, accept: 'application/json', 'user-agent': userAgent }
  }

  get<T extends KubernetesObject>(resource: Resource<T>, name: ObjectName): Promise<Stored<T>> {
    return this.#request({ method: 'GET', path: pathOf(resource, name) })
  }

  async list<T extends KubernetesObject>(resource: Resource<T>, selection: Selection = {}): Promise<ObjectList<T>> {
    const path = pathOf(resource, { namespace: selection.namespace }) + queryOf(selection)
    const list = await this.#request<{ items: Stored<T>[]; metadata: { resourceVersion: string } }>({
      method: 'GET',
      path,
    })
    const items = list.items.map((item) => withType(resource, item))
    return { items, resourceVersion: list.metadata.resourceVersion }
  }

  /** Creates the object in the namespace that its metadata names. */
  create<T extends KubernetesObject>(resource: Resource<T>, object: T): Promise<Stored<T>> {
    const path = pathOf(resource, { namespace: object.metadata?.namespace })
    return this.#request({ method: 'POST', path, body: withType(resource, object) })
  }

  /** Posts to a part of an object, as a `Binding` to the `binding` of a pod. */
  async createPart<T extends KubernetesObject>(
    resource: Resource<T>,
    name: ObjectName,
    subresource: string,
    part: KubernetesObject,
  ): Promise<void> {
    await this.#request({ method: 'POST', path: pathOf(resource, name, subresource), body: part })
  }

  /** Replaces the object, or its `subresource` (as `status`). A resourceVersion that is not the latest is a conflict. */
  replace<T extends KubernetesObject>(resource: Resource<T>, object: T, subresource?: string): Promise<Stored<T>> {
    const { namespace, name = '' } = object.metadata ?? {}
    const path = pathOf(resource, { namespace, name }, subresource)
    return this.#request({ method: 'PUT', path, body: withType(resource, object) })
  }

  patch<T extends KubernetesObject>(
    resource: Resource<T>,
    name: ObjectName,
    patch: object,
    options: { type?: PatchType; subresource?: string } = {},
  ): Promise<Stored<T>> {
    return this.#request({
      method: 'PATCH',
      path: pathOf(resource, name, options.subresource),
      body: patch,
      contentType: patchMediaTypes[options.type ?? 'strategic-merge'],
    })
  }

  /** Resolves once the server has accepted the deletion, which need not have ended. */
  async remove<T extends KubernetesObject>(
    resource: Resource<T>,
    name: ObjectName,
    options: RemoveOptions = {},
  ): Promise<void> {
    await this.#request({ method: 'DELETE', path: pathOf(resource, name), body: options })
  }

  /**
   * The changes of a kind as they happen. It ends when the server ends the watch or the signal aborts, and throws when
   * the server refuses: an `ApiError` with status 410 means that one must list again.
   */
  async *watch<T extends KubernetesObject>(
    resource: Resource<T>,
    options: WatchOptions = {},
  ): AsyncGenerator<WatchEvent<T>, void, undefined> {
    const { signal } = options
    const path = pathOf(resource, { namespace: options.namespace }) + queryOf(options, true)
    try {
      const answer = await this.#send({ method: 'GET', path, signal })
      if (answer.statusCode !== 200) throw apiErrorOf(answer.statusCode ?? 0, await text(answer))
      for await (const line of linesOf(answer)) yield watchEventOf<T>(line)
    } catch (error) {
      if (!signal?.aborted) throw error
    }
  }

  /** Whatever the server has at a path, as discovery documents. */
  read<Answer>(path: string): Promise<Answer> {
    return this.#request({ method: 'GET', path })
  }

  /** Drops every connection: requests and watches under way reject, and so do all later ones. */
  close(): void {
    this.#closed = true
    this.#agent.destroy()
  }

  async #request<Answer>(wanted: ApiRequest): Promise<Answer> {
    const answer = await this.#send(wanted)
    const { statusCode = 0 } = answer
    const body = await text(answer)
    if (statusCode >= 300) throw apiErrorOf(statusCode, body)
    return JSON.parse(body)
  }

  async #send({ method, path, body, contentType = 'application/json', signal }: ApiRequest): Promise<IncomingMessage> {
    if (this.#closed) throw new Error(`the client of ${this.#server} is closed`)
    const content = body === undefined ? undefined : JSON.stringify(body)
    const headers = {
      ...this.#headers,
      ...(content === undefined ? {} : { 'content-type': contentType, 'content-length': Buffer.byteLength(content) }),
    }
    const options = { method, agent: this.#agent, headers, ...(signal ? { signal } : {}) }
    return answerTo(request(this.#server + path, options), content)
  }
}

/** Servers give the items of a list without their type, and want it back. */
function withType<T extends KubernetesObject, Given extends T>(resource: Resource<T>, object: Given): Given {
  return { ...object, apiVersion: resource.apiVersion, kind: resource.kind }
}

function queryOf(selection: WatchOptions, watch = false): string {
  const query = new URLSearchParams()
  if (selection.labelSelector) query.set('labelSelector', selection.labelSelector)
  if (selection.fieldSelector) query.set('fieldSelector', selection.fieldSelector)
  if (watch) {
    query.set('watch', 'true')
    query.set('allowWatchBookmarks', 'true')
    if (selection.resourceVersion) query.set('resourceVersion', selection.resourceVersion)
  }
  return query.size > 0 ? `?${query}` : ''
}

function watchEventOf<T>(line: string): WatchEvent<T> {
  const event: { type: string; object: Stored<T> } = JSON.parse(line)
  if (event.type === 'ERROR') throw apiErrorOf(500, JSON.stringify(event.object))
  return { type: event.type as WatchEventType, object: event.object }
}

async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line !== '') yield line
  }
}
