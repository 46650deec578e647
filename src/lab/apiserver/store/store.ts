import type { ApiObject } from '../objects.ts'
import { History } from './history.ts'

/** What the store needs to know of a resource: one value for each kind, compared by identity. */
export interface Collection<T extends ApiObject = ApiObject> {
  readonly group: string
  readonly plural: string
  /** Only for the type of what is stored; never called. */
  stored?(object: T): void
}

export type EventType = 'ADDED' | 'MODIFIED' | 'DELETED'

/** One write. */
export interface StoreEvent {
  version: number
  type: EventType
  collection: Collection
  object: ApiObject
  /** What the write replaced. */
  previous?: ApiObject
}

export type StoreListener = (event: StoreEvent) => void

const defaultHistoryLength = 5000

/**
 * The objects of the cluster, in memory. Versions are one sequence for all kinds; listeners hear each write, in order,
 * before the write returns.
 */
export class Store {
  readonly #objects = new Map<Collection, Map<string, ApiObject>>()
  /** What was listed of a collection since it was last written to, by namespace. */
  readonly #lists = new Map<Collection, Map<string, readonly ApiObject[]>>()
  readonly #listeners = new Map<Collection, Set<StoreListener>>()
  readonly #history: History
  #version = 0

  constructor(historyLength = defaultHistoryLength) {
    this.#history = new History(historyLength)
  }

  /** The version of the last write. */
  get version(): number {
    return this.#version
  }

  /** The oldest version that a watch can resume from. */
  get oldestVersion(): number {
    return this.#history.oldest
  }

  get<T extends ApiObject>(collection: Collection<T>, namespace: string, name: string): T | undefined {
    return this.#all(collection).get(keyOf(namespace, name))
  }

  /**
   * The objects of a namespace, or of all (`''`), ordered by namespace and name. Until the next write to the collection
   * it is the very same list, so that what is made of it can be kept with it.
   */
  list<T extends ApiObject>(collection: Collection<T>, namespace = ''): readonly T[] {
    const lists = this.#lists.get(collection) ?? new Map<string, readonly ApiObject[]>()
    this.#lists.set(collection, lists)
    const list = lists.get(namespace) ?? this.#ordered(collection, namespace)
    lists.set(namespace, list)
    return list as readonly T[]
  }

  /** How many objects there are, in all namespaces. */
  count(collection: Collection): number {
    return this.#all(collection).size
  }

  /** Keeps a new object or a new state of one, and gives it its resource version. */
  put(collection: Collection, object: ApiObject): void {
    const objects = this.#all(collection)
    const key = keyOf(object.metadata.namespace ?? '', object.metadata.name)
    const previous = objects.get(key)
    const version = ++this.#version
    object.metadata = { ...object.metadata, resourceVersion: String(version) }
    objects.set(key, object)
    this.#publish({
      version,
      type: previous ? 'MODIFIED' : 'ADDED',
      collection,
      object,
      ...(previous ? { previous } : {}),
    })
  }

  /** Removes an object. Its last state, returned, has the version of the removal. */
  remove<T extends ApiObject>(collection: Collection, object: T): T {
    const version = ++this.#version
    const key = keyOf(object.metadata.namespace ?? '', object.metadata.name)
    const last = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } }
    const previous = this.#all(collection).get(key)
    this.#all(collection).delete(key)
    this.#publish({ version, type: 'DELETED', collection, object: last, ...(previous ? { previous } : {}) })
    return last
  }

  /** The writes to a collection after a version; undefined when they are no longer all known. */
  eventsAfter(collection: Collection, version: number): StoreEvent[] | undefined {
    return this.#history.after(version)?.filter((event) => event.collection === collection)
  }

  /** Hears every later write to a collection, until the returned function is called. */
  subscribe(collection: Collection, listener: StoreListener): () => void {
    const listeners = this.#listeners.get(collection) ?? new Set()
    this.#listeners.set(collection, listeners.add(listener))
    return () => listeners.delete(listener)
  }

  #ordered(collection: Collection, namespace: string): ApiObject[] {
    const prefix = namespace && `${namespace}/`
    return [...this.#all(collection)]
      .filter(([key]) => key.startsWith(prefix))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, object]) => object)
  }

  #publish(event: StoreEvent): void {
    this.#lists.delete(event.collection)
    this.#history.add(event)
    for (const listener of this.#listeners.get(event.collection) ?? []) listener(event)
  }

  #all<T extends ApiObject>(collection: Collection<T>): Map<string, T> {
    const objects = this.#objects.get(collection) ?? new Map<string, ApiObject>()
    this.#objects.set(collection, objects)
    return objects as Map<string, T>
  }
}

function keyOf(namespace: string, name: string): string {
  return `${namespace}/${name}`
}
