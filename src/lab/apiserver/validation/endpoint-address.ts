import { BlockList, isIPv4 } from 'node:net'
import type { Problems } from './problems.ts'

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8)

/** Requires an address that a pod can have. */
export function checkEndpointAddress(address: string | undefined, field: string, problems: Problems): void {
  if (!isIPv4(address ?? '')) problems.invalid(field, address, 'must be a valid IPv4 address')
  else if (loopback.check(address ?? '')) {
    problems.invalid(field, address, 'may not be in the loopback range (127.0.0.0/8)')
  }
}
