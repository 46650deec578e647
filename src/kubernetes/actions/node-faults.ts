import { currentCluster } from '../../session/session.ts'
import { pods } from '../api/api-resources.ts'
import type { KubernetesClient } from '../api/client.ts'
import type { Impact } from '../changes/impact.ts'
import { ownersOf } from './end-pods.ts'
import { bringAbout } from './lab-faults.ts'
import { isChoosable } from './pod-choice.ts'

/** Has the kubelet of a node reach the API server no more, until the rollback: it waits until the node is ready. */
export async function cutOff(client: KubernetesClient, name: string, impact: Impact): Promise<void> {
  await bringAbout(client, {
    title: `cut node/${name} off from the API server`,
    specs: [{ node: { name, effect: 'cutOff' } }],
    impact,
    node: name,
  })
}

/** Has a node die, until the rollback: it waits for the node, and for the pods of the target's namespace that it had. */
export async function powerOff(client: KubernetesClient, name: string, impact: Impact): Promise<void> {
  const { namespace } = currentCluster()
  const among = (await client.list(pods, { namespace })).items.filter(isChoosable)
  const hit = among.filter(({ spec }) => spec.nodeName === name)
  const names = hit.map(({ metadata }) => metadata.name)
  await bringAbout(client, {
    title: `power off node/${name}`,
    specs: [{ node: { name, effect: 'down' } }],
    before: { pods: names },
    impact: {
      ...impact,
      pods: { hit: names.length, of: among.length, among: `the pods of namespace ${namespace}`, names },
    },
    pods: {
      namespace,
      pods: hit.map(({ metadata: { name, uid } }) => ({ name, uid })),
      owners: ownersOf(hit, among),
    },
    node: name,
  })
}
