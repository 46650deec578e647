import { defineConfig } from 'vitest/config'
import { clusterSettings } from './test/cluster/settings.ts'

// Without a cluster nothing is started.
clusterSettings()

// The tests against a real Kubernetes: those of the actions, too, but for what they do on a lab, which runs with all other
// tests. They share one cluster, so they run one after the other.
export default defineConfig({
  test: {
    include: [
      'test/cluster/*.cluster.ts',
      'test/kubernetes/*.test.ts',
      'test/safety/*.test.ts',
      'test/cli/{doctor,init}.test.ts',
    ],
    testNamePattern: /^(?!.* on (the|a) lab )/,
    globalSetup: 'test/cluster/images.ts',
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
})
