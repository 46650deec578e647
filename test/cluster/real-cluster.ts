import { readFileSync } from 'node:fs'
import { KubeConfig } from '@kubernetes/client-node'
import { onTestFinished } from 'vitest'
import { type ApiAccess, ApiClient } from '../../src/lab/client/index.ts'
import { clusterSettings } from './settings.ts'

/** The real cluster, by the current context of its kubeconfig. */
export interface RealCluster {
  kubeconfig: string
  context: string
  /** For the parts of the lab, which here speak to a real API server. */
  access: ApiAccess
  client: ApiClient
}

/** Opens the real cluster for a test. */
export function openRealCluster(): RealCluster {
  const { kubeconfig } = clusterSettings()
  const config = configOf(kubeconfig)
  const access = accessOf(config)
  const client = new ApiClient(access)
  onTestFinished(() => client.close())
  return { kubeconfig, context: config.getCurrentContext(), access, client }
}

/** How to reach its API server. */
export function realClusterAccess(): ApiAccess {
  return accessOf(configOf(clusterSettings().kubeconfig))
}

function configOf(kubeconfig: string): KubeConfig {
  const config = new KubeConfig()
  config.loadFromFile(kubeconfig)
  return config
}

/** @throws when the context authenticates by something else than a token: the lab's parts know nothing else */
function accessOf(config: KubeConfig): ApiAccess {
  const cluster = config.getCurrentCluster()
  const token = config.getCurrentUser()?.token
  if (!cluster || !token) {
    throw new Error(`The context "${config.getCurrentContext()}" must name a cluster and a user with a bearer token.`)
  }
  return { server: cluster.server, token, ca: authorityOf(cluster) }
}

function authorityOf({ caData, caFile }: { caData?: string; caFile?: string }): string {
  return caData ? Buffer.from(caData, 'base64').toString() : readFileSync(caFile ?? '', 'utf8')
}
