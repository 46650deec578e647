import type { ConfigMap, Secret } from 'kubernetes-types/core/v1.d.ts'
import type { Stored } from '../objects.ts'
import { flag, map, struct, text } from '../schemas/schema.ts'
import { ageColumn, integerColumn, nameColumn, textColumn } from '../tables/column.ts'
import { dataKey } from '../validation/names.ts'
import type { Problems } from '../validation/problems.ts'
import { defineResource } from './define.ts'

type Data = Readonly<Record<string, string>>

export const configMaps = defineResource<Stored<ConfigMap>>({
  kind: 'ConfigMap',
  shortNames: ['cm'],
  schema: struct({ data: map(text), binaryData: map(text), immutable: flag }),
  columns: [
    nameColumn,
    integerColumn(
      'Data',
      ({ data = {}, binaryData = {} }) => Object.keys(data).length + Object.keys(binaryData).length,
    ),
    ageColumn,
  ],

  check({ data = {}, binaryData = {} }, problems) {
    checkKeys(data, 'data', problems)
    checkKeys(binaryData, 'binaryData', problems)
  },
})

export const secrets = defineResource<Stored<Secret>>({
  kind: 'Secret',
  schema: struct({ type: text, data: map(text), stringData: map(text), immutable: flag }),
  selectableFields: { type: ({ type }) => type },
  columns: [
    nameColumn,
    textColumn('Type', ({ type }) => type ?? ''),
    integerColumn('Data', ({ data = {} }) => Object.keys(data).length),
    ageColumn,
  ],

  setDefaults(secret) {
    secret.type ||= 'Opaque'
    const { stringData } = secret
    if (!stringData) return
    const encoded = Object.entries(stringData).map(([key, value]) => [key, Buffer.from(value).toString('base64')])
    secret.data = { ...secret.data, ...Object.fromEntries(encoded) }
    delete secret.stringData
  },
  check({ data = {} }, problems) {
    checkKeys(data, 'data', problems)
  },
})

function checkKeys(data: Data, field: string, problems: Problems): void {
  for (const key of Object.keys(data)) {
    const wrong = dataKey(key)
    if (wrong) problems.invalid(`${field}[${key}]`, key, wrong)
  }
}
