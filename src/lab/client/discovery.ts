import type { APIGroupList, APIResourceList } from 'kubernetes-types/meta/v1.d.ts'
import type { ApiClient } from './client.ts'
import type { KubernetesObject, Resource } from './resources.ts'

/** Every kind that the server has and that can be listed, watched and deleted: in the version each group prefers. */
export async function discoverResources(client: ApiClient): Promise<Resource<KubernetesObject>[]> {
  const { groups } = await client.read<APIGroupList>('/apis')
  const preferred = groups.flatMap(
    (group) => group.preferredVersion?.groupVersion ?? group.versions[0]?.groupVersion ?? [],
  )
  const paths = ['/api/v1', ...preferred.map((groupVersion) => `/apis/${groupVersion}`)]
  const lists = await Promise.all(paths.map((path) => client.read<APIResourceList>(path)))
  return lists.flatMap((list) => resourcesOf(list))
}

function resourcesOf({ groupVersion, resources }: APIResourceList): Resource<KubernetesObject>[] {
  return resources
    .filter(
      ({ name, verbs }) => !name.includes('/') && ['list', 'watch', 'delete'].every((verb) => verbs.includes(verb)),
    )
    .map(({ name, kind, namespaced }) => ({ apiVersion: groupVersion, kind, plural: name, namespaced }))
}
