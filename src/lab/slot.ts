import { ChaosError } from '../support/errors.ts'
import { addressesOfSlot, type LabAddresses, labSlots, loopbackAddress } from './addresses.ts'
import { type ApiServer, startApiServer } from './apiserver/server.ts'
import { isAddressInUse } from './http/listening.ts'

const apiPort = 6443

/** A slot that is ours as long as its API server listens. */
export interface ClaimedSlot {
  addresses: LabAddresses
  /** The address of the lab on this machine. */
  host: string
  server: ApiServer
}

export interface SlotOptions {
  /** How many slots this machine has. */
  slots?: number
  /** How long pods that do not say so tolerate that their node is lost, in seconds. */
  podsEvictedAfterSeconds?: number
}

/**
 * Starts the API server in the first slot that is free: listening there is what claims a slot, so two labs never share
 * one, and one that has died leaves it free.
 *
 * @throws CHAOS_NO_LAB_SLOT when all are taken
 */
export async function claimSlot({ slots = labSlots, podsEvictedAfterSeconds }: SlotOptions = {}): Promise<ClaimedSlot> {
  const timing = podsEvictedAfterSeconds === undefined ? {} : { podsEvictedAfterSeconds }
  for (let slot = 0; slot < slots; slot++) {
    const addresses = addressesOfSlot(slot)
    const { serviceRange } = addresses
    const host = loopbackAddress(`${serviceRange}.1`)
    try {
      return { addresses, host, server: await startApiServer({ host, port: apiPort, serviceRange, ...timing }) }
    } catch (error) {
      if (!isAddressInUse(error)) throw error
    }
  }
  const first = loopbackAddress(`${addressesOfSlot(0).serviceRange}.1`)
  throw new ChaosError(
    'CHAOS_NO_LAB_SLOT',
    `There is no room for another lab: all ${slots} slots of this machine are taken (${first}:${apiPort} and so on). ` +
      `Stop a lab that is no longer needed. If none is running, another program listens on port ${apiPort} of every address: stop that.`,
  )
}
