import { KubeConfig, RbacAuthorizationV1Api, type V1PolicyRule } from '@kubernetes/client-node'
import type { TestNamespace } from './cluster.ts'

/** The token of a new service account that has these rules in the namespace. */
export async function tokenUnder(
  { core, target }: TestNamespace,
  name: string,
  rules: V1PolicyRule[],
): Promise<string> {
  const { namespace } = target
  const config = new KubeConfig()
  config.loadFromFile(target.kubeconfig)
  config.setCurrentContext(target.context)
  const rbac = config.makeApiClient(RbacAuthorizationV1Api)
  await core.createNamespacedServiceAccount({ namespace, body: { metadata: { name } } })
  await rbac.createNamespacedRole({ namespace, body: { metadata: { name }, rules } })
  await rbac.createNamespacedRoleBinding({
    namespace,
    body: {
      metadata: { name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    },
  })
  const body = { spec: { audiences: [], expirationSeconds: 600 } }
  const { status } = await core.createNamespacedServiceAccountToken({ namespace, name, body })
  return status?.token ?? ''
}
