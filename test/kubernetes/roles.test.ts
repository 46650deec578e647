import { expect, test } from 'vitest'
import type { PermissionView } from '../../src/journal/events.ts'
import { leastRoles } from '../../src/kubernetes/api/roles.ts'

const rulesOf = (permissions: PermissionView[]) => leastRoles('chaos-test', permissions).flatMap(({ rules }) => rules)
const to = (verb: string, resource: string, more: Partial<PermissionView> = {}): PermissionView => ({
  ...{ verb, resource, group: resource === 'deployments' ? 'apps' : '', namespace: 'shop' },
  ...more,
})

test('what is needed of the same objects is one rule, by their names', () => {
  const needed = ['web', 'api'].flatMap((name) => [
    to('patch', 'deployments', { name }),
    to('get', 'deployments', { name }),
  ])
  expect(rulesOf([...needed, ...needed])).toEqual([
    { apiGroups: ['apps'], resources: ['deployments'], resourceNames: ['api', 'web'], verbs: ['get', 'patch'] },
  ])
})

test('to list, to watch and to create is granted without a name, and so is what has no name that lasts', () => {
  const needed = [
    to('list', 'deployments', { name: 'web' }),
    to('get', 'deployments', { name: 'web' }),
    to('delete', 'pods', { name: 'web-5d4f8' }),
    to('create', 'pods', { name: 'web-5d4f8', subresource: 'eviction' }),
  ]
  expect(rulesOf(needed)).toEqual([
    { apiGroups: [''], resources: ['pods'], verbs: ['delete'] },
    { apiGroups: [''], resources: ['pods/eviction'], verbs: ['create'] },
    { apiGroups: ['apps'], resources: ['deployments'], resourceNames: ['web'], verbs: ['get'] },
    { apiGroups: ['apps'], resources: ['deployments'], verbs: ['list'] },
  ])
})

test('what is granted on all objects is not granted on one of them again', () => {
  expect(rulesOf([to('get', 'services'), to('get', 'services', { name: 'web' })])).toEqual([
    { apiGroups: [''], resources: ['services'], verbs: ['get'] },
  ])
})

test('each namespace has a Role, the cluster a ClusterRole, and a namespace itself is read within', () => {
  const nodes: PermissionView = { verb: 'list', group: '', resource: 'nodes' }
  const namespace: PermissionView = { verb: 'get', group: '', resource: 'namespaces', name: 'shop' }
  const reviews: PermissionView = {
    verb: 'create',
    group: 'authorization.k8s.io',
    resource: 'selfsubjectaccessreviews',
  }
  const roles = leastRoles('me', [nodes, namespace, reviews, to('get', 'services', { namespace: 'orders' })])
  expect(roles.map(({ kind, metadata }) => ({ kind, ...metadata }))).toEqual([
    { kind: 'ClusterRole', name: 'me' },
    { kind: 'Role', name: 'me', namespace: 'orders' },
    { kind: 'Role', name: 'me', namespace: 'shop' },
  ])
  expect(roles[2]?.rules).toEqual([
    { apiGroups: [''], resources: ['namespaces'], resourceNames: ['shop'], verbs: ['get'] },
  ])
})
