import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { addressesOfSlot, loopbackAddress } from '../../../src/lab/addresses.ts'
import { claimSlot } from '../../../src/lab/slot.ts'

test('a slot that is taken is passed over, and when none is left it says what to do', async () => {
  const other = createServer()
  try {
    other.listen(6443, loopbackAddress(`${addressesOfSlot(0).serviceRange}.1`))
    // Where a lab runs on this machine, the slot is taken already.
    await Promise.race([once(other, 'listening'), once(other, 'error')]).catch(() => {})
    await expect(claimSlot({ slots: 1 })).rejects.toMatchObject({ code: 'CHAOS_NO_LAB_SLOT', message: /Stop a lab/ })
    const { addresses, server } = await claimSlot()
    expect(addresses.slot).toBeGreaterThan(0)
    await server.close()
  } finally {
    other.close()
  }
})
