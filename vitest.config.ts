import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

const mainJob = 'test/main-job/**/*.test.ts'

export default defineConfig({
  test: {
    // The tests run real processes and real clusters: a slow machine must not fail them.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 30_000 } },
    // Most of a test is waiting for processes to start and for timers of rollouts.
    maxWorkers: Math.max(3, availableParallelism()),
    projects: [
      // First, and without the others: its services give up after a second, which a machine that starts the processes of
      // all other tests may need for an answer.
      { extends: true, test: { name: 'main job', include: [mainJob], sequence: { groupOrder: 0 } } },
      {
        extends: true,
        test: { name: 'modules', include: ['test/**/*.test.ts'], exclude: [mainJob], sequence: { groupOrder: 1 } },
      },
    ],
  },
})
