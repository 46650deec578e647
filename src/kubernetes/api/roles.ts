import type { PermissionView } from '../../journal/events.ts'

/** A Role, or the ClusterRole of what belongs to no namespace. */
export interface Role {
  apiVersion: 'rbac.authorization.k8s.io/v1'
  kind: 'Role' | 'ClusterRole'
  metadata: { name: string; namespace?: string }
  rules: PolicyRule[]
}

export interface PolicyRule {
  apiGroups: string[]
  resources: string[]
  verbs: string[]
  resourceNames?: string[]
}

/** Everybody may ask what he may do. */
const grantedToAll = 'authorization.k8s.io'
/** What is done to all objects of a kind, or to one that has no name yet. */
const namelessVerbs = new Set(['list', 'watch', 'create', 'deletecollection'])
/** Kinds whose objects get names that nobody knows before: a pod that is replaced, what a run owes. */
const namelessKinds = new Set(['pods', 'replicasets', 'secrets', 'events', 'endpointslices', 'controllerrevisions'])

/**
 * The least roles that grant these permissions: one for each namespace, and one for the whole cluster where something is
 * needed that belongs to no namespace. Objects that keep their names are granted by name.
 */
export function leastRoles(name: string, permissions: readonly PermissionView[]): Role[] {
  const byNamespace = new Map<string | undefined, PermissionView[]>()
  for (const permission of permissions) {
    if (permission.group === grantedToAll) continue
    const namespace = namespaceOf(permission)
    byNamespace.set(namespace, [...(byNamespace.get(namespace) ?? []), permission])
  }
  return [...byNamespace]
    .sort(([a = ''], [b = '']) => a.localeCompare(b))
    .map(([namespace, needed]) => ({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: namespace === undefined ? 'ClusterRole' : 'Role',
      metadata: namespace === undefined ? { name } : { name, namespace },
      rules: rulesFor(needed),
    }))
}

/** The API server takes the request for a namespace as one in that namespace. */
function namespaceOf({ group, resource, namespace, name }: PermissionView): string | undefined {
  return group === '' && resource === 'namespaces' ? name : namespace
}

/** The rules of one role: what is granted with the same verbs on the same names stands in one. */
function rulesFor(permissions: readonly PermissionView[]): PolicyRule[] {
  const verbsOf = new Map<string, Set<string>>()
  const everywhere = new Set(permissions.filter((each) => !isByName(each)).map((each) => keyOf(each, each.verb)))
  for (const permission of permissions) {
    const byName = isByName(permission)
    if (byName && everywhere.has(keyOf(permission, permission.verb))) continue
    const key = keyOf(permission, byName ? permission.name : undefined)
    verbsOf.set(key, (verbsOf.get(key) ?? new Set()).add(permission.verb))
  }
  const namesOf = new Map<string, string[]>()
  for (const [key, verbs] of verbsOf) {
    const [group, resource, name] = JSON.parse(key)
    const rule = JSON.stringify([group, resource, [...verbs].sort(byHabit), name !== null])
    namesOf.set(rule, [...(namesOf.get(rule) ?? []), ...(name === null ? [] : [name])])
  }
  return [...namesOf]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([rule, names]) => {
      const [group, resource, verbs] = JSON.parse(rule)
      const resourceNames = names.length > 0 ? { resourceNames: names.sort() } : {}
      return { apiGroups: [group], resources: [resource], ...resourceNames, verbs }
    })
}

function isByName({ verb, resource, name }: PermissionView): boolean {
  return name !== undefined && !namelessVerbs.has(verb) && !namelessKinds.has(resource)
}

function keyOf({ group, resource, subresource }: PermissionView, last: string | undefined): string {
  return JSON.stringify([group, subresource === undefined ? resource : `${resource}/${subresource}`, last ?? null])
}

const habit = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete']

function byHabit(a: string, b: string): number {
  return habit.indexOf(a) - habit.indexOf(b)
}
