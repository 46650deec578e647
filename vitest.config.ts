import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { longestFirst } from './test/support/longest-first.ts'

const mainJob = 'test/main-job/**/*.test.ts'

export default defineConfig({
  test: {
    // The tests run real processes and real clusters: a slow machine must not fail them.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000 } },
    // Most of a test is waiting for processes to start and for timers of rollouts. The cells of the matrix, which run
    // concurrently, hardly wait: they begin first and go on beside the others.
    maxWorkers: availableParallelism() + 2,
    maxConcurrency: availableParallelism() + 1,
    sequence: { sequencer: longestFirst('test/undo/matrix') },
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
