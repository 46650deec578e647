import { type ApiAccess, ApiClient } from '../../../src/lab/client/index.ts'
import type { RestingStates } from './observer.ts'
import { type Scene, script } from './script.ts'
import { Stage } from './stage.ts'

/** What came of a scene. */
export interface Played {
  outcome: unknown
  states: RestingStates
}

/** What came of each scene, by its title: a scene that could not be played rejects. */
export type Performance = ReadonlyMap<string, Promise<Played>>

/** Plays all scenes at once, each on a stage of its own. Resolves when all have ended. */
export async function playScript(access: ApiAccess): Promise<Performance> {
  const client = new ApiClient(access)
  await warmUp(client)
  const performance = new Map(script.map((scene) => [scene.title, play(scene, client)]))
  await Promise.allSettled(performance.values())
  client.close()
  return performance
}

async function play(scene: Scene, client: ApiClient): Promise<Played> {
  const stage = new Stage(client)
  await stage.begin()
  try {
    const outcome = await scene.play(stage)
    return { outcome, states: await stage.observed() }
  } finally {
    await stage.end()
  }
}

/** The controllers are there when they have brought a deployment about. */
async function warmUp(client: ApiClient): Promise<void> {
  const stage = new Stage(client)
  await stage.begin()
  await stage.addNode()
  await stage.deploy()
  await stage.end()
}
