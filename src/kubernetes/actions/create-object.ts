import { ChaosError } from '../../support/errors.ts'
import { type ApiResource, apiVersionOf } from '../api/api-resources.ts'
import type { KubernetesClient, ObjectAddress } from '../api/client.ts'
import { permissionsTo } from '../api/permissions.ts'
import type { Impact } from '../changes/impact.ts'
import { shownOf } from '../changes/shown.ts'
import { createdUndo, markAnnotation, newMark } from '../undos/created.ts'
import { act } from './act.ts'

/** An object that is to be there. */
export interface Creation {
  /** @default `create networkpolicy/deny-web` */
  title?: string
  resource: ApiResource<object>
  address: ObjectAddress
  /** All of it but for its name and its place. */
  body: ObjectBody
  /** What it does to pods and nodes; the object itself is added. */
  impact?: Omit<Impact, 'objects'>
  /** Waits for what it shall bring, as a part of the action. A dry run brings nothing. */
  untilEffective?(): Promise<void>
}

export interface ObjectBody {
  metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> }
  [field: string]: unknown
}

/**
 * Creates an object. It is undone by deleting it and waiting until it is gone.
 *
 * @throws CHAOS_CONFLICT when there is one of that name
 */
export async function createObject(client: KubernetesClient, creation: Creation): Promise<void> {
  const { resource, address, body, impact } = creation
  const subject = `${resource.kind.toLowerCase()}/${address.name}`
  if (await client.find(resource, address)) {
    throw new ChaosError(
      'CHAOS_CONFLICT',
      `create: ${subject} is there already. Nothing was done. Take another name, or patch it.`,
    )
  }
  const mark = newMark()
  const { metadata = {}, ...content } = body
  const annotations = { ...metadata.annotations, [markAnnotation]: mark }
  const object = {
    apiVersion: apiVersionOf(resource),
    kind: resource.kind,
    metadata: { ...metadata, ...address, annotations },
    ...content,
  }
  await act(client, {
    title: creation.title ?? `create ${subject}`,
    before: null,
    after: shownOf(resource, content),
    impact: { ...impact, objects: [{ kind: resource.kind.toLowerCase(), ...address }] },
    // Who creates cannot be bound to a name.
    permissions: permissionsTo(
      ['create'],
      resource,
      address.namespace === undefined ? {} : { namespace: address.namespace },
    ),
    undo: { by: createdUndo, args: { resource, ...address, mark } },
    async run(writer) {
      await writer.create(resource, object)
      await creation.untilEffective?.()
    },
    rehearse: (reader) => reader.create(resource, object),
  })
}
