import type { Namespace } from 'kubernetes-types/core/v1.d.ts'
import type { Stored } from '../objects.ts'
import { namespaceSpec, namespaceStatus } from '../schemas/core.ts'
import { struct } from '../schemas/schema.ts'
import { ageColumn, nameColumn, textColumn } from '../tables/column.ts'
import { dnsLabel } from '../validation/names.ts'
import { defineResource } from './define.ts'

/** Deleting one waits until its contents are gone and `kubernetes` is taken from its spec's finalizers. */
export const namespaces = defineResource<Stored<Namespace>>({
  kind: 'Namespace',
  shortNames: ['ns'],
  namespaced: false,
  nameRule: dnsLabel,
  schema: struct({ spec: namespaceSpec, status: namespaceStatus }),
  ownsStatus: true,
  undeletable: ['default', 'kube-system', 'kube-public'],
  subresources: ['finalize'],
  selectableFields: { 'status.phase': ({ status }) => status?.phase },
  columns: [nameColumn, textColumn('Status', ({ status }) => status?.phase ?? ''), ageColumn],

  prepareCreate(namespace) {
    namespace.spec = { finalizers: ['kubernetes'] }
    namespace.status = { phase: 'Active' }
  },
  prepareUpdate(namespace, previous) {
    namespace.spec = previous.spec ?? {}
  },
  setDefaults({ metadata }) {
    metadata.labels = { ...metadata.labels, 'kubernetes.io/metadata.name': metadata.name }
  },
  markDeleted(namespace) {
    namespace.status = { ...namespace.status, phase: 'Terminating' }
  },
  isHeld: ({ spec }) => (spec?.finalizers ?? []).length > 0,
})
