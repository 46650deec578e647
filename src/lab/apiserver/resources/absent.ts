import type { ApiObject } from '../objects.ts'
import { struct } from '../schemas/schema.ts'
import { defineResource } from './define.ts'
import type { Resource, ResourceDefinition } from './resource.ts'

/**
 * Kinds of which a lab has none: a list of them is empty and a watch is silent, and that is all. The controllers and the
 * scheduler of Kubernetes begin when they have seen these. Discovery does not name them, and they cannot be created: to
 * everybody else the server does not have them.
 */
export const absentResources: readonly Resource[] = [
  absent({ kind: 'PersistentVolume', namespaced: false }),
  absent({ kind: 'PersistentVolumeClaim' }),
  absent({ kind: 'ReplicationController' }),
  absent({ group: 'apps', kind: 'DaemonSet' }),
  absent({ group: 'apps', kind: 'StatefulSet' }),
  absent({ group: 'storage.k8s.io', kind: 'CSINode', namespaced: false }),
  absent({ group: 'storage.k8s.io', kind: 'StorageClass', plural: 'storageclasses', namespaced: false }),
]

function absent(definition: Omit<ResourceDefinition<ApiObject>, 'schema'>): Resource {
  return defineResource({ ...definition, schema: struct({}), verbs: ['list', 'watch'] })
}
