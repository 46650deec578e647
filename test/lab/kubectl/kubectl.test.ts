import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readKubeconfig } from '../../../src/lab/apiserver/kubeconfig.ts'
import { ApiClient, namespaces } from '../../../src/lab/client/index.ts'
import { type Lab, startLab } from '../../../src/lab/index.ts'
import { repository } from '../../support/project.ts'
import { play } from './play.ts'
import { recordingOf } from './recording.ts'
import { fetchedKubectls } from './versions.ts'

const kubectls = process.env.CHAOS_TEST_KUBECTLS || process.env.CI ? fetchedKubectls() : []

// It takes a minute and a half, and programs that have to be fetched.
describe.skipIf(kubectls.length === 0)('the script of kubectl (npm run test:kubectl)', () => {
  let home: string
  let lab: Lab
  let client: ApiClient

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'kubectl-lab-'))
    const command = ['node', 'specs/rollout/app/service2.ts']
    const images = { 'counter/service2': { command, env: { VERSION: '{tag}' } } }
    lab = await startLab({ name: 'kubectl', root: repository, home, images })
    client = new ApiClient(readKubeconfig(lab.info.kubeconfig))
  })
  afterAll(async () => {
    client?.close()
    await lab?.stop()
    rmSync(home, { recursive: true, force: true })
  })

  test.concurrent.each(kubectls)(
    'version $version prints what it prints on a real cluster, and exits as there',
    async ({ version, path }) => {
      const namespace = `kubectl-${version.replace('.', '-')}`
      await client.create(namespaces, { metadata: { name: namespace } })
      const { kubeconfig } = lab.info
      expect(await play({ kubectl: path, kubeconfig, namespace })).toEqual(recordingOf(version))
    },
    300_000,
  )
})
