import { test } from 'vitest'
import { playFaults } from './faults.ts'

test('a node is drained, on a real cluster', async () => {
  await playFaults(['node-drain'])
}, 600_000)
