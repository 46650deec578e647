import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ApiClient, namespaces } from '../../src/lab/client/index.ts'
import { play } from '../lab/kubectl/play.ts'
import { record, recordingOf } from '../lab/kubectl/recording.ts'
import { fetchedKubectls } from '../lab/kubectl/versions.ts'
import { realClusterAccess } from './real-cluster.ts'
import { clusterSettings } from './settings.ts'

const kubectls = fetchedKubectls()

// `npm run fetch:kubectl` fetches them. With RECORD=1 what they print becomes what the lab is held to.
describe.skipIf(kubectls.length === 0)('the script of kubectl on a real cluster', () => {
  let client: ApiClient
  beforeAll(() => {
    client = new ApiClient(realClusterAccess())
  })
  afterAll(() => client?.close())

  test.concurrent.each(kubectls)(
    'version $version prints what was recorded',
    async ({ version, path }) => {
      const namespace = `kubectl-${randomUUID().slice(0, 8)}`
      await client.create(namespaces, { metadata: { name: namespace } })
      try {
        const played = await play({ kubectl: path, kubeconfig: clusterSettings().kubeconfig, namespace })
        if (process.env.RECORD) record(version, played)
        expect(played).toEqual(recordingOf(version))
      } finally {
        await client.remove(namespaces, { name: namespace })
      }
    },
    600_000,
  )
})
