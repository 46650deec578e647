import { readManifests } from '../../lab/index.ts'
import { currentCluster, currentSession } from '../../session/session.ts'
import { createObject } from '../actions/create-object.ts'
import { changeFields } from '../actions/field-action.ts'
import { call } from '../api/call.ts'
import type { KubernetesClient, ObjectAddress } from '../api/client.ts'
import { type ManifestObject, resourceOf } from '../api/discovery.ts'
import { preview } from '../changes/object-patch.ts'
import { impactOnWorkload, refuseWhileRollingOut } from '../changes/workload-changes.ts'
import type { RolloutActionOptions } from './workload.ts'

/** A file or a folder of YAML, relative to the project's root, or objects. */
export type ManifestSource = string | ManifestObject | readonly ManifestObject[]

/** Objects as they shall be: a description, until they are applied. */
export class ManifestsHandle {
  readonly #source: ManifestSource

  constructor(source: ManifestSource) {
    this.#source = source
  }

  /**
   * Makes the objects as they are written, one after the other, by server-side apply: a dry run tells what that changes.
   * Each is an action of its own: what was changed is undone field by field, what was not there is deleted, and gone.
   *
   * @throws CHAOS_ROLLOUT_IN_PROGRESS unless `evenIfRollingOut`
   *
   * @example
   * await kubernetes.manifests('deploy/canary.yaml').apply()
   */
  async apply(options: RolloutActionOptions = {}): Promise<void> {
    await call('apply manifests', {}, async (client) => {
      for (const object of this.#objects()) await applyObject(client, object, options)
    })
  }

  #objects(): readonly ManifestObject[] {
    const source = this.#source
    if (typeof source !== 'string') return Array.isArray(source) ? source : [source as ManifestObject]
    return readManifests([source], process.cwd()).map(({ object }) => object as unknown as ManifestObject)
  }
}

async function applyObject(
  client: KubernetesClient,
  object: ManifestObject,
  options: RolloutActionOptions,
): Promise<void> {
  const resource = await resourceOf(client, object)
  const { name, namespace = currentCluster().namespace } = object.metadata
  const address: ObjectAddress = resource.namespaced ? { namespace, name } : { name }
  const subject = `${resource.kind.toLowerCase()}/${name}`
  const found = await client.find(resource, address)
  if (!found?.metadata) {
    const { apiVersion: _version, kind: _kind, ...body } = object
    await createObject(client, { title: `apply ${subject}, which was not there`, resource, address, body })
    return
  }
  const body = { ...object, metadata: { ...object.metadata, ...address } }
  const { read, changes } = await preview(
    client,
    resource,
    { ...found, metadata: found.metadata },
    { type: 'apply', body, force: true },
  )
  if (changes.length === 0) {
    currentSession().record({
      type: 'notice',
      message: `apply: ${subject} is as written already, so nothing was done.`,
    })
    return
  }
  refuseWhileRollingOut('apply', resource, read, options)
  const paths = changes.map(({ path }) => path).join(', ')
  await changeFields(client, {
    title: `apply ${subject} (${paths})`,
    what: paths,
    resource,
    read,
    changes,
    impact: {
      objects: [{ kind: resource.kind.toLowerCase(), ...address }],
      ...impactOnWorkload(resource, read, changes),
    },
  })
}
