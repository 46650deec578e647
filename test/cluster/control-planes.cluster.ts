import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ApiClient } from '../../src/lab/client/index.ts'
import { ClusterControllers } from './control-planes/cluster-controllers.ts'
import { allReal, type Composition, compositions, startComposition } from './control-planes/compositions.ts'
import { type Performance, playScript } from './control-planes/play.ts'
import { script } from './control-planes/script.ts'
import { realClusterAccess } from './real-cluster.ts'
import { mayStopServers } from './settings.ts'

const playTimeoutMs = 600_000

describe.skipIf(!mayStopServers())('a control plane of parts of the lab and of a real cluster', () => {
  const performances = new Map<Composition, Performance>()
  let own: ClusterControllers | undefined

  beforeAll(async () => {
    const controllers = new ClusterControllers()
    own = controllers
    await controllers.kill()
    const playAll = async (api: Composition['api']) => {
      for (const composition of [allReal, ...compositions].filter((one) => one.api === api)) {
        performances.set(composition, await perform(composition, controllers))
      }
    }
    // An API server has one control plane at a time; two have two.
    await Promise.all([playAll('real'), playAll('lab')])
  }, playTimeoutMs)

  afterAll(async () => {
    const client = new ApiClient(realClusterAccess())
    await own?.start(client)
    client.close()
  })

  describe.each(compositions)('$title', (composition) => {
    test.each(script)('$title: as where all is real', async ({ title }) => {
      const expected = await performances.get(allReal)?.get(title)
      expect(expected).toBeDefined()
      expect(await performances.get(composition)?.get(title)).toEqual(expected)
    })
  })
})

async function perform(composition: Composition, controllers: ClusterControllers): Promise<Performance> {
  const controlPlane = await startComposition(composition, controllers)
  try {
    return await playScript(controlPlane.access)
  } finally {
    await controlPlane.stop()
  }
}
