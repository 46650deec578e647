import { type Duration, toMilliseconds } from '../../support/quantities.ts'
import { pods } from '../api/api-resources.ts'
import type { KubernetesClient } from '../api/client.ts'
import type { Pod } from '../api/resources.ts'

export interface LogQuery {
  /** @default the only one, or the first of several */
  container?: string
  /** Only the last lines, so many of each pod. */
  tail?: number
  /** Only what is not older, in whole seconds. */
  since?: Duration
  /** Of the container before its last restart. */
  previous?: boolean
}

/** What pods have written, by their names. One that ends meanwhile may have lost it already. */
export async function readLogs(
  client: KubernetesClient,
  found: readonly Pod[],
  { container, tail, since, previous }: LogQuery,
): Promise<Record<string, string>> {
  const query = {
    tailLines: tail === undefined ? undefined : String(tail),
    sinceSeconds: since === undefined ? undefined : String(Math.max(1, Math.ceil(toMilliseconds(since) / 1000))),
    previous: previous === undefined ? undefined : String(previous),
  }
  const logs = await Promise.all(
    found.map(async (pod) => {
      const { namespace, name } = pod.metadata
      const of = container ?? pod.spec.containers[0]?.name
      try {
        return [[name, await client.readText(pods, { namespace, name }, 'log', { ...query, container: of })] as const]
      } catch (error) {
        if (await isEnding(client, pod)) return []
        throw error
      }
    }),
  )
  return Object.fromEntries(logs.flat())
}

async function isEnding(client: KubernetesClient, { metadata: { namespace, name, uid } }: Pod): Promise<boolean> {
  const now = await client.find(pods, { namespace, name })
  return now?.metadata.uid !== uid || now.metadata.deletionTimestamp !== undefined
}
