import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { KubeConfig } from '@kubernetes/client-node'
import { startLab } from '../../src/lab/index.ts'
import type { TargetReference } from '../../src/undo/types.ts'

/** A cluster to test on. */
export interface TestTarget {
  target: TargetReference
  stop(): Promise<void>
}

export interface TargetChoice {
  /** Its name; where its tests do not run, also why. */
  name: string
  runs: boolean
  start(): Promise<TestTarget>
}

export interface TestLabOptions {
  nodes?: number
}

const kubeconfig = process.env.CHAOS_TEST_KUBECONFIG

export const lab: TargetChoice = { name: 'the lab', runs: true, start: () => startLabTarget() }

/** A lab from which a node may be taken. */
export const labOfTwoNodes: TargetChoice = {
  ...lab,
  name: 'a lab of two nodes',
  start: () => startLabTarget({ nodes: 2 }),
}

/** The cluster that CHAOS_TEST_KUBECONFIG names, whose nodes have the images counter/service2:v1 and :v2. */
export const realCluster: TargetChoice = {
  name: `a real cluster${kubeconfig ? '' : ' (skipped: CHAOS_TEST_KUBECONFIG is not set)'}`,
  runs: kubeconfig !== undefined,
  start: async () => ({ target: clusterTarget(kubeconfig ?? ''), stop: async () => undefined }),
}

async function startLabTarget({ nodes = 1 }: TestLabOptions = {}): Promise<TestTarget> {
  const home = await mkdtemp(join(tmpdir(), 'kubernetes-test-'))
  const removeHome = () => rm(home, { recursive: true, force: true })
  const lab = await startLab({
    name: 'lab',
    root: import.meta.dirname,
    home,
    nodes,
    images: { 'counter/service2': { command: ['node', 'web.ts'], env: { VERSION: '{tag}' }, tags: ['v1', 'v2'] } },
  }).catch(async (error: unknown) => {
    await removeHome()
    throw error
  })
  return {
    target: { kind: 'lab', name: 'lab', kubeconfig: lab.info.kubeconfig, context: 'lab', namespace: 'default' },
    stop: async () => {
      await lab.stop()
      await removeHome()
    },
  }
}

function clusterTarget(path: string): TargetReference {
  const config = new KubeConfig()
  config.loadFromFile(path)
  const context = config.getCurrentContext()
  return { kind: 'kubernetes', name: context, kubeconfig: path, context, namespace: 'default' }
}
