import { test } from 'vitest'
import { playFaults } from './faults.ts'

// The faults beside the rollouts, on a real Kubernetes: the same specs as on the lab, with the same verdicts.

test('a plain rolling update, a dead pod and a dependency that is away, on a real cluster', async () => {
  await playFaults(['graceful-shutdown', 'pod-kill', 'dependency-down'])
}, 600_000)
