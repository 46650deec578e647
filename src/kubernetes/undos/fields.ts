import { isDeepStrictEqual } from 'node:util'
import { ChaosError } from '../../support/errors.ts'
import type { UndoContext, UndoOutcome } from '../../undo/types.ts'
import type { ApiResource } from '../api/api-resources.ts'
import { connect, type ObjectAddress } from '../api/client.ts'
import { permissionsTo } from '../api/permissions.ts'
import type { PatchOperation } from '../api/resources.ts'
import { type FieldValue, restoring, valueAt } from '../changes/fields.ts'
import { includes } from '../changes/pod-template.ts'
import { awaitSettled, settlingPermissions } from '../watch/settle.ts'
import { hasEnded } from './ended.ts'
import type { KubernetesUndoKind } from './kind.ts'

/** What `kubernetes.fields` puts back. */
export interface FieldsArgs {
  resource: ApiResource
  namespace?: string
  name: string
  uid: string
  /** What they are, in words: `the replicas`. */
  what: string
  fields: FieldValue[]
}

/** Some fields of one object, as they were. */
export const fieldsUndo: KubernetesUndoKind<FieldsArgs> = {
  kind: 'kubernetes.fields',
  describe: ({ what, resource, name }) => `${what} of ${resource.kind.toLowerCase()}/${name} as before`,

  permissions: (args) => [
    ...permissionsTo(['get', 'patch'], args.resource, args),
    ...settlingPermissions(args.resource, args),
  ],

  async undo(args: FieldsArgs, { target, signal }: UndoContext): Promise<UndoOutcome> {
    if (hasEnded(target)) return 'target-gone'
    const { resource, uid, fields } = args
    const client = await connect(target, signal)
    const found = await client.find(resource, addressOf(args))
    if (uidOf(found) !== uid) return 'target-gone'
    const operations = restoring(found, fields)
    if (operations.length === 0) return 'undone'

    const sameObject: PatchOperation = { op: 'test', path: '/metadata/uid', value: uid }
    await client.patch(resource, addressOf(args), { type: 'json', body: [sameObject, ...operations] })
    const readBack = await client.find(resource, addressOf(args))
    if (uidOf(readBack) !== uid) return 'target-gone'
    const differs = fields.filter(({ path, value }) => !isRestored(valueAt(readBack, path), value))
    if (differs.length === 0) return 'undone'
    throw notRestored(args, differs)
  },

  recovered: ({ resource, namespace = '', name, uid }, context) =>
    awaitSettled(resource, { namespace, name }, uid, context),
}

function addressOf({ namespace, name }: FieldsArgs): ObjectAddress {
  return namespace === undefined ? { name } : { namespace, name }
}

function isRestored(actual: unknown, wanted: unknown): boolean {
  return isDeepStrictEqual(actual, wanted) || includes(actual, wanted)
}

function uidOf(object: unknown): string | undefined {
  return (object as { metadata?: { uid?: string } } | undefined)?.metadata?.uid
}

function notRestored({ resource, name, what }: FieldsArgs, fields: readonly FieldValue[]): ChaosError {
  const paths = fields.map(({ path }) => path).join(', ')
  return new ChaosError(
    'CHAOS_NOT_RESTORED',
    `${resource.kind.toLowerCase()}/${name} was given ${what} that it had before, and reads differently (${paths}): someone else writes to it too, as an autoscaler does, or the cluster changes what is written.`,
    { verdict: 'not-restored' },
  )
}
