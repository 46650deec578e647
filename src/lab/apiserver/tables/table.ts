import type { ApiObject } from '../objects.ts'
import { apiVersionOf } from '../resources/define.ts'
import type { Resource } from '../resources/resource.ts'
import type { Column } from './column.ts'

/** How much of each object comes with its row (`includeObject` of the query). */
export type IncludedObject = 'Metadata' | 'None' | 'Object'

export interface TableOptions {
  includeObject: IncludedObject
  /** The resource version of the list or object. */
  version: string
  nowMs: number
  /** Whether the columns are described; a watch does so once. */
  withColumns: boolean
}

/** Objects as a `Table` of `meta.k8s.io`, which is what `kubectl get` shows. */
export function tableOf(resource: Resource, objects: readonly ApiObject[], options: TableOptions): object {
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: { resourceVersion: options.version },
    columnDefinitions: options.withColumns ? resource.columns.map(definitionOf) : [],
    rows: objects.map((object) => ({
      cells: resource.columns.map((column) => column.cell(object, options.nowMs)),
      object: rowObject(resource, object, options.includeObject),
    })),
  }
}

function definitionOf({ name, type, format, wide }: Column): object {
  return { name, type, format: format ?? '', description: '', priority: wide ? 1 : 0 }
}

function rowObject(resource: Resource, object: ApiObject, included: IncludedObject): object | null {
  if (included === 'None') return null
  return included === 'Object'
    ? { kind: resource.kind, apiVersion: apiVersionOf(resource), ...object }
    : partialMetadataOf(object)
}

export const partialMetadata = { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1' } as const

/** An object without all but its metadata. */
export function partialMetadataOf({ metadata }: ApiObject): object {
  return { ...partialMetadata, metadata }
}
