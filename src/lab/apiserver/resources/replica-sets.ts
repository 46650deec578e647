import { isDeepStrictEqual } from 'node:util'
import type { ReplicaSet } from 'kubernetes-types/apps/v1.d.ts'
import { setPodSpecDefaults } from '../defaults/pod-spec.ts'
import type { Stored } from '../objects.ts'
import { struct } from '../schemas/schema.ts'
import { replicaSetSpec, replicaSetStatus } from '../schemas/workloads.ts'
import { ageColumn, integerColumn, nameColumn } from '../tables/column.ts'
import { templateColumns } from '../tables/workloads.ts'
import { checkSelectorKept, checkWorkload } from '../validation/workload.ts'
import { defineResource } from './define.ts'

export const replicaSets = defineResource<Stored<ReplicaSet>>({
  group: 'apps',
  kind: 'ReplicaSet',
  shortNames: ['rs'],
  categories: ['all'],
  schema: struct({ spec: replicaSetSpec, status: replicaSetStatus }),
  ownsStatus: true,
  subresources: ['scale'],
  selectableFields: { 'status.replicas': ({ status }) => String(status?.replicas ?? 0) },
  columns: [
    nameColumn,
    integerColumn('Desired', ({ spec }) => spec?.replicas ?? 0),
    integerColumn('Current', ({ status }) => status?.replicas ?? 0),
    integerColumn('Ready', ({ status }) => status?.readyReplicas ?? 0),
    ageColumn,
    ...templateColumns,
  ],

  prepareCreate(replicaSet) {
    replicaSet.status = { replicas: 0 }
  },
  setDefaults({ spec }) {
    if (!spec) return
    spec.replicas ??= 1
    if (spec.template?.spec) setPodSpecDefaults(spec.template.spec)
  },
  check({ spec }, problems) {
    if (spec) checkWorkload(spec, problems)
  },
  checkUpdate({ spec }, previous, problems) {
    checkSelectorKept(spec, previous.spec, problems)
  },
  isNewGeneration: (replicaSet, previous) => !isDeepStrictEqual(replicaSet.spec, previous.spec),
})
