import { randomUUID } from 'node:crypto'
import { describe, expect, onTestFinished, test } from 'vitest'
import { namespaces } from '../../src/lab/client/index.ts'
import { play } from '../lab/kubectl/play.ts'
import { record, recordingOf } from '../lab/kubectl/recording.ts'
import { fetchedKubectls } from '../lab/kubectl/versions.ts'
import { openRealCluster } from './real-cluster.ts'

const kubectls = fetchedKubectls()

// `npm run test:kubectl` fetches them. With RECORD=1 what they print becomes what the lab is held to.
describe.skipIf(kubectls.length === 0)('the script of kubectl on a real cluster', () => {
  test.each(kubectls)(
    'version $version prints what was recorded',
    async ({ version, path }) => {
      const { client, kubeconfig } = openRealCluster()
      const namespace = `kubectl-${randomUUID().slice(0, 8)}`
      await client.create(namespaces, { metadata: { name: namespace } })
      onTestFinished(() => client.remove(namespaces, { name: namespace }))
      const played = await play({ kubectl: path, kubeconfig, namespace })
      if (process.env.RECORD) record(version, played)
      expect(played).toEqual(recordingOf(version))
    },
    300_000,
  )
})
