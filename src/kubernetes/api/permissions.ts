import { type ApiResource, apiVersionOf } from './api-resources.ts'
import type { KubernetesClient } from './client.ts'
import { forbidden, hasCode } from './errors.ts'

/** What the API calls the things that one may do to an object. */
export type Verb = 'get' | 'list' | 'watch' | 'patch' | 'create' | 'update' | 'delete'

/** The right to do one thing: what a rule of a Role grants. */
export interface Permission {
  verb: Verb
  /** `''` for the core group. */
  group: string
  /** In the plural: `deployments`. */
  resource: string
  /** `eviction` of `pods`. */
  subresource?: string
  /** Absent: of the whole cluster. */
  namespace?: string
  /** Absent: every object of that kind. */
  name?: string
}

/**
 * The permissions to do these things to an object, or to every object of a kind.
 *
 * @example
 * permissionsTo(['get', 'patch'], deployments, { namespace, name })
 */
export function permissionsTo(
  verbs: readonly Verb[],
  { group, plural, namespaced }: ApiResource,
  { namespace, name, subresource }: { namespace?: string; name?: string; subresource?: string } = {},
): Permission[] {
  return verbs.map((verb) => ({
    verb,
    group,
    resource: plural,
    ...(subresource === undefined ? {} : { subresource }),
    ...(namespaced && namespace !== undefined ? { namespace } : {}),
    ...(name === undefined ? {} : { name }),
  }))
}

const accessReviews: ApiResource<AccessReview> = {
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'SelfSubjectAccessReview',
  plural: 'selfsubjectaccessreviews',
  namespaced: false,
}

interface AccessReview {
  apiVersion: string
  kind: string
  spec: { resourceAttributes: Omit<Permission, 'namespace'> & { namespace: string } }
  status?: { allowed: boolean; reason?: string }
}

/**
 * Asks the API server whether all of this is allowed (SelfSubjectAccessReview). A server that does not say so is taken at
 * its later word.
 *
 * @throws CHAOS_FORBIDDEN with the first that is missing
 */
export async function requirePermissions(client: KubernetesClient, permissions: readonly Permission[]): Promise<void> {
  const [missing] = await missingPermissions(client, permissions)
  if (missing) throw forbidden(missing, client.target, 'its permissions do not include that. Nothing was done')
}

/** Those of them that are not granted, as far as the API server says. */
export async function missingPermissions(
  client: KubernetesClient,
  permissions: readonly Permission[],
): Promise<Permission[]> {
  const asked = distinct(permissions)
  const allowed = await Promise.all(asked.map((permission) => isAllowed(client, permission)))
  return asked.filter((_, index) => !allowed[index])
}

async function isAllowed(client: KubernetesClient, permission: Permission): Promise<boolean> {
  const resourceAttributes = { ...permission, namespace: permission.namespace ?? '' }
  const review: AccessReview = {
    apiVersion: apiVersionOf(accessReviews),
    kind: accessReviews.kind,
    spec: { resourceAttributes },
  }
  try {
    const { status } = await client.create(accessReviews, review)
    return status?.allowed ?? true
  } catch (error) {
    if (hasCode(error, 'CHAOS_FORBIDDEN', 'CHAOS_NOT_SERVED')) return true
    throw error
  }
}

function distinct(permissions: readonly Permission[]): Permission[] {
  return [...new Map(permissions.map((permission) => [JSON.stringify(permission), permission])).values()]
}
