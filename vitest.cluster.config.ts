import { defineConfig } from 'vitest/config'

// The tests against a real Kubernetes. They share one cluster, so they run one after the other.
export default defineConfig({
  test: {
    include: ['test/**/*.cluster.ts'],
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
})
