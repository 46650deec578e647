import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { KubeConfig } from '@kubernetes/client-node'
import { privateFile } from '../../src/support/files.ts'
import type { TargetReference } from '../../src/undo/types.ts'

export interface TemporaryTarget {
  target: TargetReference
  remove(): Promise<void>
}

/** How to get to a cluster. */
export interface Access {
  server: string
  token: string
  /** An HTTP proxy on the way. */
  proxy?: string
}

/** A target with a kubeconfig of its own. */
export async function targetAt({ server, token, proxy }: Access): Promise<TemporaryTarget> {
  const cluster = { server, 'insecure-skip-tls-verify': true, ...(proxy ? { 'proxy-url': proxy } : {}) }
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'there', cluster }],
    users: [{ name: 'someone', user: { token } }],
    contexts: [{ name: 'there', context: { cluster: 'there', user: 'someone' } }],
    'current-context': '',
  }
  const folder = await mkdtemp(join(tmpdir(), 'kubernetes-test-'))
  const path = join(folder, 'kubeconfig')
  await writeFile(path, JSON.stringify(kubeconfig), { mode: privateFile })
  return {
    target: { kind: 'kubernetes', name: 'there', kubeconfig: path, context: 'there', namespace: 'default' },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

/** The same namespace of the same cluster, by another way. */
export async function sameTargetBy(target: TargetReference, other: Partial<Access>): Promise<TemporaryTarget> {
  const config = new KubeConfig()
  config.loadFromFile(target.kubeconfig)
  config.setCurrentContext(target.context)
  const server = config.getCurrentCluster()?.server ?? ''
  const token = config.getCurrentUser()?.token ?? ''
  const made = await targetAt({ server, token, ...other })
  return { ...made, target: { ...made.target, kind: target.kind, namespace: target.namespace } }
}
