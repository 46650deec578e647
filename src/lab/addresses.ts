/**
 * The addresses of a lab. The API shows addresses of 198.18.0.0/15, the benchmarking range that is routed nowhere;
 * each is the same address of 127.0.0.0/8 on this machine: 198.18.64.7 is 127.18.64.7. (Kubernetes refuses loopback
 * addresses in endpoints, and a laptop has no other range that can be bound without being root.)
 *
 * Lab slot k (0–15) owns 198.18.(64+4k).0/22: three /24s for pods and one for services.
 */
export const labSlots = 16

/** How many nodes a lab can have: each has a range of pods of its own. */
export const mostLabNodes = 3

export interface LabAddresses {
  slot: number
  /** The first three octets of each pod range, as in `198.18.64`. */
  podRanges: readonly string[]
  /** The first three octets of the service range, as in `198.18.67`; its `.1` is the lab itself. */
  serviceRange: string
}

export function addressesOfSlot(slot: number): LabAddresses {
  const first = 64 + 4 * slot
  return {
    slot,
    podRanges: [0, 1, 2].map((n) => `198.18.${first + n}`),
    serviceRange: `198.18.${first + 3}`,
  }
}

/** Where an address of a lab is on this machine. Any other address is itself. */
export function loopbackAddress(address: string): string {
  const [, third] = /^198\.18\.(\d+)\.\d+$/.exec(address) ?? []
  const isOfALab = third !== undefined && Number(third) >= 64 && Number(third) < 64 + 4 * labSlots
  return isOfALab ? `127.${address.slice('198.'.length)}` : address
}
