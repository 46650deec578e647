import type { EndpointSlice } from 'kubernetes-types/discovery/v1.d.ts'
import type { Stored } from '../objects.ts'
import { sliceEndpoints, slicePorts } from '../schemas/core.ts'
import { struct, text } from '../schemas/schema.ts'
import { ageColumn, nameColumn, shortList, textColumn } from '../tables/column.ts'
import { checkEndpointAddress } from '../validation/endpoint-address.ts'
import { checkPortNumber } from '../validation/pod-spec.ts'
import { defineResource } from './define.ts'

const addressTypes = ['IPv4', 'IPv6', 'FQDN']
const mostEndpoints = 1000
const mostAddresses = 100

/** The endpoints of a service, or a part of them, with what each is fit for. The proxy of the lab reads Endpoints. */
export const endpointSlices = defineResource<Stored<EndpointSlice>>({
  group: 'discovery.k8s.io',
  kind: 'EndpointSlice',
  schema: struct({ addressType: text, endpoints: sliceEndpoints, ports: slicePorts }),
  columns: [
    nameColumn,
    textColumn('AddressType', ({ addressType }) => addressType),
    textColumn('Ports', ({ ports = [] }) =>
      shortList(
        ports.map(({ port }) => `${port ?? '*'}`),
        '<unset>',
      ),
    ),
    textColumn('Endpoints', ({ endpoints }) =>
      shortList(
        endpoints.flatMap(({ addresses }) => addresses),
        '<unset>',
      ),
    ),
    ageColumn,
  ],

  setDefaults({ ports = [] }) {
    for (const port of ports) {
      port.name ??= ''
      port.protocol ||= 'TCP'
    }
  },
  check({ addressType, endpoints, ports = [] }, problems) {
    problems.oneOf('addressType', addressType, addressTypes)
    if (endpoints.length > mostEndpoints)
      problems.invalid('endpoints', endpoints.length, `must have at most ${mostEndpoints} items`)
    for (const [index, { addresses = [] }] of endpoints.entries()) {
      const at = `endpoints[${index}].addresses`
      if (addresses.length === 0) problems.required(at, 'must contain at least 1 address')
      if (addresses.length > mostAddresses)
        problems.invalid(at, addresses.length, `must have at most ${mostAddresses} items`)
      if (addressType !== 'IPv4') continue
      for (const [n, address] of addresses.entries()) checkEndpointAddress(address, `${at}[${n}]`, problems)
    }
    const names = new Set<string | undefined>()
    for (const [index, { name, port }] of ports.entries()) {
      if (names.has(name)) problems.duplicate(`ports[${index}].name`, name)
      names.add(name)
      if (port !== undefined) checkPortNumber(port, `ports[${index}].port`, problems)
    }
  },
  checkUpdate({ addressType }, previous, problems) {
    if (addressType !== previous.addressType) problems.invalid('addressType', addressType, 'field is immutable')
  },
})
