import { leases, namespaces, secrets } from '../api/api-resources.ts'
import { type Permission, permissionsTo } from '../api/permissions.ts'
import { leaseName } from './lease.ts'

/** What a run on a namespace needs before it does anything: to read its label, to lock it, and to keep in it what it owes. */
export function runPermissions(namespace: string): Permission[] {
  return [
    ...permissionsTo(['get'], namespaces, { name: namespace }),
    ...permissionsTo(['get', 'update'], leases, { namespace, name: leaseName }),
    ...permissionsTo(['create'], leases, { namespace }),
    ...permissionsTo(['get', 'list', 'create', 'update', 'delete'], secrets, { namespace }),
  ]
}
