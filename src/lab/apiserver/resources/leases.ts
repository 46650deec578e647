import type { Lease } from 'kubernetes-types/coordination/v1.d.ts'
import type { Stored } from '../objects.ts'
import { leaseSpec } from '../schemas/core.ts'
import { struct } from '../schemas/schema.ts'
import { ageColumn, nameColumn, textColumn } from '../tables/column.ts'
import { defineResource } from './define.ts'

export const leases = defineResource<Stored<Lease>>({
  group: 'coordination.k8s.io',
  kind: 'Lease',
  schema: struct({ spec: leaseSpec }),
  columns: [nameColumn, textColumn('Holder', ({ spec }) => spec?.holderIdentity ?? ''), ageColumn],
})
