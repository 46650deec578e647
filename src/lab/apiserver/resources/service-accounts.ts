import type { ServiceAccount } from 'kubernetes-types/core/v1.d.ts'
import type { Stored } from '../objects.ts'
import { objectReference } from '../schemas/meta.ts'
import { flag, list, listBy, struct, text } from '../schemas/schema.ts'
import { ageColumn, integerColumn, nameColumn } from '../tables/column.ts'
import { defineResource } from './define.ts'

export const serviceAccounts = defineResource<Stored<ServiceAccount>>({
  kind: 'ServiceAccount',
  shortNames: ['sa'],
  returnsDeleted: true,
  schema: struct({
    secrets: listBy('name', objectReference),
    imagePullSecrets: list(struct({ name: text })),
    automountServiceAccountToken: flag,
  }),
  columns: [nameColumn, integerColumn('Secrets', ({ secrets = [] }) => secrets.length), ageColumn],
})
