import { defineConfig } from 'vitest/config'
import { clusterSettings } from './test/cluster/settings.ts'

// Without a cluster nothing is started.
clusterSettings()

// The tests against a real Kubernetes. They share one cluster, so they run one after the other.
export default defineConfig({
  test: {
    include: ['test/cluster/*.cluster.ts', 'test/kubernetes/*.test.ts'],
    globalSetup: 'test/cluster/images.ts',
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
})
