import { createInterface } from 'node:readline'
import { Agent, request } from 'undici'
import { type ApiServer, type ApiServerOptions, startApiServer } from '../../../src/lab/apiserver/server.ts'

export const jsonPatchType = 'application/json-patch+json'
export const mergePatchType = 'application/merge-patch+json'
export const strategicPatchType = 'application/strategic-merge-patch+json'
export const applyPatchType = 'application/apply-patch+yaml'
export const tableType = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json'

/** What tests read of any answer: JSON whose form they know. */
export interface Body {
  kind: string
  apiVersion: string
  metadata: {
    name: string
    namespace: string
    uid: string
    resourceVersion: string
    generation: number
    creationTimestamp: string
    deletionTimestamp?: string
    deletionGracePeriodSeconds?: number
    labels?: Record<string, string>
    annotations?: Record<string, string>
    finalizers?: string[]
    [field: string]: unknown
  }
  items: Body[]
  message: string
  reason: string
  code: number
  details: { name?: string; kind?: string; group?: string; uid?: string; causes?: { field: string; reason: string }[] }
  spec: Fields
  status: Fields
  data: Record<string, string>
  columnDefinitions: { name: string; priority: number }[]
  rows: { cells: (string | number)[]; object: Body }[]
  [field: string]: unknown
}

/** Part of an object, deep enough for what tests look at. */
export interface Fields {
  // biome-ignore lint/suspicious/noExplicitAny: tests walk through answers of every kind
  [field: string]: any
}

export interface Reply {
  code: number
  body: Body
  contentType: string
}

export interface CallOptions {
  type?: string
  accept?: string
  headers?: Record<string, string>
}

export interface WatchedEvent {
  type: string
  object: Body
}

/** One open watch: its events, one after the other. */
export interface OpenWatch {
  /** The next event; undefined when the watch has ended. */
  next(): Promise<WatchedEvent | undefined>
  /** The next events, as `ADDED name`. */
  take(count: number): Promise<string[]>
  close(): void
}

/** A running server and a client that trusts it alone. */
export class TestApi {
  readonly server: ApiServer
  readonly #agent: Agent

  private constructor(server: ApiServer) {
    this.server = server
    this.#agent = new Agent({ connect: { ca: server.access.ca } })
  }

  static async start(options: Partial<ApiServerOptions> = {}): Promise<TestApi> {
    return new TestApi(await startApiServer({ host: '127.0.0.1', port: 0, serviceRange: '198.18.67', ...options }))
  }

  async stop(): Promise<void> {
    await this.#agent.destroy()
    await this.server.close()
  }

  async call(method: string, path: string, body?: unknown, options: CallOptions = {}): Promise<Reply> {
    const sent = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
    return await this.send(method, path, sent, options.type ?? 'application/json', options)
  }

  /** Sends a body as it is. */
  async send(
    method: string,
    path: string,
    body: string | Buffer | undefined,
    type: string,
    options: Omit<CallOptions, 'type'> = {},
  ): Promise<Reply> {
    const {
      statusCode,
      headers,
      body: stream,
    } = await request(this.server.access.server + path, {
      method,
      dispatcher: this.#agent,
      headers: {
        authorization: `Bearer ${this.server.access.token}`,
        ...(body === undefined ? {} : { 'content-type': type }),
        ...(options.accept ? { accept: options.accept } : {}),
        ...options.headers,
      },
      body: body ?? null,
    })
    const text = await stream.text()
    const contentType = String(headers['content-type'])
    return { code: statusCode, contentType, body: contentType.includes('json') ? JSON.parse(text) : text }
  }

  get = (path: string, accept?: string) => this.call('GET', path, undefined, accept ? { accept } : {})
  post = (path: string, body: unknown) => this.call('POST', path, body)
  put = (path: string, body: unknown) => this.call('PUT', path, body)
  patch = (path: string, body: unknown, type: string) => this.call('PATCH', path, body, { type })
  remove = (path: string, options?: object) => this.call('DELETE', path, options)

  /** Opens a watch on a path with its query, as in `/api/v1/pods?resourceVersion=7`. */
  async watch(path: string, accept?: string): Promise<OpenWatch> {
    const { statusCode, body } = await request(
      `${this.server.access.server}${path}${path.includes('?') ? '&' : '?'}watch=true`,
      {
        dispatcher: this.#agent,
        headers: { authorization: `Bearer ${this.server.access.token}`, ...(accept ? { accept } : {}) },
      },
    )
    if (statusCode !== 200) throw new Error(`the watch of ${path} was answered ${statusCode}: ${await body.text()}`)
    body.on('error', () => undefined)
    const lines = createInterface({ input: body })[Symbol.asyncIterator]()
    const next = async (): Promise<WatchedEvent | undefined> => {
      const { done, value } = await lines.next()
      return done ? undefined : JSON.parse(value)
    }
    return {
      next,
      async take(count) {
        const events: string[] = []
        while (events.length < count) {
          const event = await next()
          if (!event) throw new Error(`the watch ended after ${events.join(', ')}`)
          events.push(`${event.type} ${event.object.metadata.name}`)
        }
        return events
      },
      close: () => body.destroy(),
    }
  }
}

export const deploymentsPath = '/apis/apps/v1/namespaces/default/deployments'
export const replicaSetsPath = '/apis/apps/v1/namespaces/default/replicasets'
export const configMapsPath = '/api/v1/namespaces/default/configmaps'
export const podsPath = '/api/v1/namespaces/default/pods'
export const servicesPath = '/api/v1/namespaces/default/services'

export function configMap(name: string, data: Record<string, string> = {}, labels: Record<string, string> = {}) {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels }, data }
}

export function pod(name: string, labels: Record<string, string> = {}, spec: object = {}) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels },
    spec: { containers: [{ name: 'app', image: 'counter/app:v1' }], ...spec },
  }
}

export function deployment(name: string, spec: object = {}) {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, labels: { app: name } },
    spec: {
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          containers: [{ name: 'app', image: 'counter/app:v1', ports: [{ name: 'http', containerPort: 8000 }] }],
        },
      },
      ...spec,
    },
  }
}
