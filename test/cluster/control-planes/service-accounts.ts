import type { ServiceAccount } from 'kubernetes-types/core/v1.d.ts'
import type { Resource } from '../../../src/lab/client/index.ts'

export const serviceAccounts: Resource<ServiceAccount> = {
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  namespaced: true,
}
