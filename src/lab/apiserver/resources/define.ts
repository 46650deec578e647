import type { ApiObject } from '../objects.ts'
import { objectMeta } from '../schemas/meta.ts'
import { struct } from '../schemas/schema.ts'
import { ageColumn, nameColumn } from '../tables/column.ts'
import { dnsSubdomain } from '../validation/names.ts'
import { allVerbs, type Resource, type ResourceDefinition } from './resource.ts'

/**
 * A kind from what is particular about it. Unless it says otherwise it is namespaced, of the core group, and has all
 * verbs, and tables of it show names and ages; where it owns its status it has `/status`.
 */
export function defineResource<T extends ApiObject>(definition: ResourceDefinition<T>): Resource<T> {
  const singular = definition.kind.toLowerCase()
  return {
    group: '',
    version: 'v1',
    plural: `${singular}s`,
    singular,
    shortNames: [],
    categories: [],
    namespaced: true,
    verbs: allVerbs,
    nameRule: dnsSubdomain,
    columns: [nameColumn, ageColumn],
    selectableFields: {},
    ownsStatus: false,
    keepsFirstStatus: false,
    undeletable: [],
    returnsDeleted: false,
    ...definition,
    schema: struct({ metadata: objectMeta, ...definition.schema.fields }),
    subresources: [...(definition.subresources ?? []), ...(definition.ownsStatus ? (['status'] as const) : [])],
  }
}

/** `apps/v1`, `v1`. */
export function apiVersionOf({ group, version }: Pick<Resource, 'group' | 'version'>): string {
  return group ? `${group}/${version}` : version
}
