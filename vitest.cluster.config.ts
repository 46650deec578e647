import { globSync, readFileSync } from 'node:fs'
import { defineConfig } from 'vitest/config'
import { clusterSettings } from './test/cluster/settings.ts'
import { longestFirst } from './test/support/longest-first.ts'

// Without a cluster nothing is started.
clusterSettings()

/** The tests of what works on a lab and on a real cluster. */
const onBoth = globSync('test/{kubernetes,safety,cli}/*.test.ts').filter((path) =>
  readFileSync(path, 'utf8').includes('realCluster'),
)

/** They take nodes or servers of the cluster away. The others have a namespace each. */
const alone = ['test/cluster/{api-server,control-planes,drain,lab-node}.cluster.ts', 'test/kubernetes/nodes.test.ts']

/** Of what all targets share, the tests on a lab run with all other tests. */
const common = { testNamePattern: / a real cluster/, testTimeout: 300_000, hookTimeout: 180_000 }

// The tests against a real Kubernetes.
export default defineConfig({
  test: {
    globalSetup: 'test/cluster/images.ts',
    // The runs of whole specs.
    sequence: { sequencer: longestFirst('/test/cluster/') },
    projects: [
      {
        test: {
          ...common,
          name: 'side by side',
          include: ['test/cluster/*.cluster.ts', ...onBoth],
          exclude: alone,
          maxWorkers: 3,
          sequence: { groupOrder: 0 },
        },
      },
      { test: { ...common, name: 'alone', include: alone, maxWorkers: 1, sequence: { groupOrder: 1 } } },
    ],
  },
})
