import type { Clock } from '../../../support/clock.ts'
import type { ApiObject } from '../objects.ts'
import type { StructSchema } from '../schemas/schema.ts'
import type { SelectableFields } from '../selectors/fields.ts'
import type { Collection, Store } from '../store/store.ts'
import type { Column } from '../tables/column.ts'
import type { NameRule } from '../validation/names.ts'
import type { Problems } from '../validation/problems.ts'

/** What the server works on. */
export interface Cluster {
  store: Store
  clock: Clock
  /** The first three octets of the addresses of services. */
  serviceRange: string
  /** The bearer token of this server, by which kubelets know that it is who asks. */
  token: string
  /** How long pods that do not say so tolerate that their node is lost. */
  podsEvictedAfterSeconds: number
  /** How often a watch that takes bookmarks gets one. */
  bookmarkIntervalMs: number
}

export type Verb = 'create' | 'delete' | 'deletecollection' | 'get' | 'list' | 'patch' | 'update' | 'watch'

export const allVerbs: readonly Verb[] = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
]

/** The parts and operations of objects that have paths of their own; what they do is in `subresources/`. */
export type SubresourceName = 'binding' | 'eviction' | 'exec' | 'finalize' | 'log' | 'portforward' | 'scale' | 'status'

/**
 * A kind that the server serves, as data. The functions are called in this order on a write, on an object that has the
 * form of the schema and belongs to the caller: `prepare…`, `default`, `check…`, `allocate`.
 */
export interface Resource<T extends ApiObject = ApiObject> extends Collection<T> {
  group: string
  version: string
  kind: string
  plural: string
  singular: string
  shortNames: readonly string[]
  categories: readonly string[]
  namespaced: boolean
  verbs: readonly Verb[]
  nameRule: NameRule
  /** The fields beside metadata. */
  schema: StructSchema
  columns: readonly Column<T>[]
  selectableFields: SelectableFields<T>
  subresources: readonly SubresourceName[]

  /** Whether clients write the status through `/status` alone. */
  ownsStatus: boolean
  /** Whether a new object may bring its status along all the same. */
  keepsFirstStatus: boolean
  /** The names of those that every cluster needs. */
  undeletable: readonly string[]
  /** Whether deleting one answers the object rather than that it is gone. */
  returnsDeleted: boolean

  /** Sets what a client cannot choose in a new object. */
  prepareCreate?(object: T): void
  /** Keeps what a client cannot change; the status is kept already where `ownsStatus`. */
  prepareUpdate?(object: T, previous: T): void
  /** Keeps what a client cannot change through `/status`, beside everything outside metadata and status. */
  prepareStatusUpdate?(object: T, previous: T): void
  /** Fills in what was not given. */
  setDefaults?(object: T): void
  check?(object: T, problems: Problems): void
  checkUpdate?(object: T, previous: T, problems: Problems): void
  /** Takes from the cluster what a new or changed object needs. */
  allocate?(object: T, previous: T | undefined, cluster: Cluster): void
  /** Whether a change, not through `/status`, is a new generation; absent: the kind has no generations. */
  isNewGeneration?(object: T, previous: T): boolean
  /** The seconds that a deletion waits; absent: none. */
  gracePeriodSeconds?(object: T, requested: number | undefined): number
  /** Marks an object whose deletion has begun but must wait for others. */
  markDeleted?(object: T): void
  /** Whether, beside finalizers of its metadata, something holds back the removal of a deleted object. */
  isHeld?(object: T): boolean
  /** Answers a new object at once; it is not stored. */
  answer?(object: T): void
}

export type ResourceDefinition<T extends ApiObject> = Pick<Resource<T>, 'kind' | 'schema'> & Partial<Resource<T>>
