import { type Clock, systemClock } from '../../support/clock.ts'
import type { ApiClient, Selection, WatchEvent } from './client.ts'
import { isExpired, isNotFound } from './error.ts'
import { type KubernetesObject, keyOf, type Resource, type Stored } from './resources.ts'

/**
 * Told of every change, in order: an object that is new has no `old`, one that is gone has no `current`. A change that
 * happened while the watch was broken is told after it, as one. A handler must not throw.
 */
export type ChangeHandler<T> = (old: Stored<T> | undefined, current: Stored<T> | undefined) => void

export interface InformerOptions extends Selection {
  clock?: Clock
}

const firstRetryMs = 50
const longestRetryMs = 5_000

/**
 * A local copy of all objects of a kind (or of those selected) that follows the server: it lists, then watches, resumes
 * a broken watch where it ended, and lists again when the server no longer remembers that point.
 *
 * The objects belong to the informer: copy before you change one.
 *
 * @example
 * const informer = new Informer(client, pods, { fieldSelector: 'spec.nodeName=lab-node-1' })
 * informer.onChange((old, pod) => queue.add(keyOf(pod ?? old)))
 * informer.start()
 * await informer.synced
 */
export class Informer<T extends KubernetesObject> {
  /**
   * Resolves when the first list has arrived and the handlers were told of it, or when the server does not have the
   * kind, and so none of it. Never rejects.
   */
  readonly synced: Promise<void>
  readonly #client: ApiClient
  readonly #resource: Resource<T>
  readonly #selection: Selection
  readonly #clock: Clock
  readonly #objects = new Map<string, Stored<T>>()
  readonly #handlers: ChangeHandler<T>[] = []
  readonly #ended = new AbortController()
  readonly #firstListDone: () => void
  #running: Promise<void> | undefined
  #resourceVersion: string | undefined
  #retryMs = firstRetryMs

  constructor(client: ApiClient, resource: Resource<T>, { clock = systemClock, ...selection }: InformerOptions = {}) {
    this.#client = client
    this.#resource = resource
    this.#selection = selection
    this.#clock = clock
    const firstList = Promise.withResolvers<void>()
    this.synced = firstList.promise
    this.#firstListDone = firstList.resolve
  }

  /** Calls the handler on every change from now on; before `start()`: for every object. */
  onChange(handler: ChangeHandler<T>): void {
    this.#handlers.push(handler)
  }

  start(): void {
    this.#running ??= this.#follow()
  }

  /** Resolves when nothing more will be told. The store stays as it is. */
  async stop(): Promise<void> {
    this.#ended.abort()
    await this.#running
  }

  /** The object of a key (`namespace/name`, or `name`). */
  get(key: string): Stored<T> | undefined {
    return this.#objects.get(key)
  }

  /** All objects, or those of a namespace. */
  list(namespace?: string): Stored<T>[] {
    const all = [...this.#objects.values()]
    return namespace === undefined ? all : all.filter((object) => object.metadata.namespace === namespace)
  }

  async #follow(): Promise<void> {
    const { signal } = this.#ended
    while (!signal.aborted) {
      try {
        if (this.#resourceVersion === undefined) await this.#relist()
        await this.#watch()
      } catch (error) {
        if (isExpired(error)) this.#resourceVersion = undefined
        if (isNotFound(error)) this.#firstListDone()
      }
      await this.#clock.sleep(this.#retryMs, signal).catch(() => {})
      this.#retryMs = Math.min(this.#retryMs * 2, longestRetryMs)
    }
  }

  async #relist(): Promise<void> {
    const { items, resourceVersion } = await this.#client.list(this.#resource, this.#selection)
    if (this.#ended.signal.aborted) return
    const present = new Set(items.map(keyOf))
    for (const key of [...this.#objects.keys()]) if (!present.has(key)) this.#remove(key)
    for (const item of items) this.#put(item)
    this.#resourceVersion = resourceVersion
    this.#retryMs = firstRetryMs
    this.#firstListDone()
  }

  async #watch(): Promise<void> {
    const { signal } = this.#ended
    const from = this.#resourceVersion === undefined ? {} : { resourceVersion: this.#resourceVersion }
    for await (const event of this.#client.watch(this.#resource, { ...this.#selection, ...from, signal })) {
      this.#apply(event)
      this.#resourceVersion = event.object.metadata.resourceVersion
      this.#retryMs = firstRetryMs
    }
  }

  #apply({ type, object }: WatchEvent<T>): void {
    if (type === 'BOOKMARK') return
    if (type === 'DELETED') this.#remove(keyOf(object), object)
    else this.#put(object)
  }

  #put(object: Stored<T>): void {
    const key = keyOf(object)
    const old = this.#objects.get(key)
    if (old && old.metadata.uid !== object.metadata.uid) this.#remove(key)
    else if (old?.metadata.resourceVersion === object.metadata.resourceVersion) return
    const before = this.#objects.get(key)
    this.#objects.set(key, object)
    this.#tell(before, object)
  }

  #remove(key: string, last = this.#objects.get(key)): void {
    this.#objects.delete(key)
    if (last) this.#tell(last, undefined)
  }

  #tell(old: Stored<T> | undefined, current: Stored<T> | undefined): void {
    for (const handler of this.#handlers) {
      try {
        handler(old, current)
      } catch (error) {
        // A fault of ours: it must end the program, and not be taken for a broken watch.
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }
}
