import type { EndpointAddress, Endpoints } from 'kubernetes-types/core/v1.d.ts'
import type { Stored } from '../objects.ts'
import { endpointSubsets } from '../schemas/core.ts'
import { struct } from '../schemas/schema.ts'
import { ageColumn, nameColumn, shortList, textColumn } from '../tables/column.ts'
import { checkEndpointAddress } from '../validation/endpoint-address.ts'
import { checkPortNumber } from '../validation/pod-spec.ts'
import type { Problems } from '../validation/problems.ts'
import { defineResource } from './define.ts'

export const endpoints = defineResource<Stored<Endpoints>>({
  kind: 'Endpoints',
  plural: 'endpoints',
  shortNames: ['ep'],
  schema: struct({ subsets: endpointSubsets }),
  columns: [nameColumn, textColumn('Endpoints', addressesText), ageColumn],

  setDefaults({ subsets = [] }) {
    for (const { ports = [] } of subsets) for (const port of ports) port.protocol ||= 'TCP'
  },
  check({ subsets = [] }, problems) {
    for (const [index, { addresses = [], notReadyAddresses = [], ports = [] }] of subsets.entries()) {
      const at = `subsets[${index}]`
      if (addresses.length + notReadyAddresses.length === 0) {
        problems.required(at, 'must specify `addresses` or `notReadyAddresses`')
      }
      checkAddresses(addresses, `${at}.addresses`, problems)
      checkAddresses(notReadyAddresses, `${at}.notReadyAddresses`, problems)
      for (const [n, { port }] of ports.entries()) checkPortNumber(port, `${at}.ports[${n}].port`, problems)
    }
  },
})

function checkAddresses(addresses: readonly EndpointAddress[], field: string, problems: Problems): void {
  for (const [index, { ip }] of addresses.entries()) checkEndpointAddress(ip, `${field}[${index}].ip`, problems)
}

function addressesText({ subsets = [] }: Stored<Endpoints>): string {
  const all = subsets.flatMap(({ addresses = [], ports = [] }) =>
    ports.length > 0
      ? ports.flatMap(({ port }) => addresses.map(({ ip }) => `${ip}:${port}`))
      : addresses.map(({ ip }) => ip),
  )
  return shortList(all, '<none>')
}
