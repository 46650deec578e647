import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // The tests run real processes and real clusters: a slow machine must not fail them.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Most of a test is waiting for processes to start and for timers of rollouts.
    maxWorkers: Math.max(3, availableParallelism()),
  },
})
