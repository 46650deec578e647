import { usageError } from '../support/errors.ts'
import type { ApiClient } from './client/client.ts'
import { ApiError, discoverResources, isAlreadyExists, type KubernetesObject, type Resource } from './client/index.ts'
import type { Manifest, ManifestObject } from './manifest-files.ts'

export { readManifests, requireKnownImages } from './manifest-files.ts'

/** Kinds that others need, in the order in which they are applied; all others come after them. */
const kindsAppliedFirst = ['Namespace', 'ConfigMap', 'Secret', 'Service']

/**
 * Creates what the manifests say, services before the pods that find them by their environment. Objects without a
 * namespace go to `default`; one that is there already is changed to what the manifest says.
 *
 * @throws CHAOS_MANIFEST_REFUSED (usage) with the API's own words
 */
export async function applyManifests(client: ApiClient, manifests: readonly Manifest[]): Promise<void> {
  const resources = await discoverResources(client)
  const [first, rest] = [
    manifests.filter(isAppliedFirst).sort(byOrder),
    manifests.filter((one) => !isAppliedFirst(one)),
  ]
  for (const manifest of first) await apply(client, resources, manifest)
  await Promise.all(rest.map((manifest) => apply(client, resources, manifest)))
}

async function apply(
  client: ApiClient,
  resources: readonly Resource<KubernetesObject>[],
  { object, place }: Manifest,
): Promise<void> {
  const subject = `${place}: ${object.kind} "${object.metadata.name}"`
  const resource = resources.find(({ apiVersion, kind }) => apiVersion === object.apiVersion && kind === object.kind)
  if (!resource) {
    const kinds = [...new Set(resources.map(({ apiVersion, kind }) => `${kind} (${apiVersion})`))].join(', ')
    throw refused(`${subject} is of a kind that the lab does not have (${object.apiVersion}). It has: ${kinds}.`)
  }
  const { namespace = 'default' } = object.metadata
  const metadata = resource.namespaced ? { ...object.metadata, namespace } : object.metadata
  try {
    await createOrChange(client, resource, { ...object, metadata })
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    throw refused(`${subject} was refused by the lab's API: ${error.message}`, error)
  }
}

async function createOrChange(
  client: ApiClient,
  resource: Resource<KubernetesObject>,
  object: ManifestObject,
): Promise<void> {
  try {
    await client.create(resource, object)
  } catch (error) {
    if (!isAlreadyExists(error)) throw error
    await client.patch(resource, object.metadata, object, { type: 'merge' })
  }
}

function refused(message: string, cause?: unknown): Error {
  return usageError('CHAOS_MANIFEST_REFUSED', message, { cause })
}

function isAppliedFirst({ object }: Manifest): boolean {
  return kindsAppliedFirst.includes(object.kind)
}

function byOrder(a: Manifest, b: Manifest): number {
  return kindsAppliedFirst.indexOf(a.object.kind) - kindsAppliedFirst.indexOf(b.object.kind)
}
