import { KubeConfig, RbacAuthorizationV1Api, type V1PolicyRule } from '@kubernetes/client-node'
import type { TestNamespace } from './cluster.ts'

/** Who may do something in a namespace: a service account. */
export class Somebody {
  readonly name: string
  readonly #namespace: TestNamespace
  readonly #rbac: RbacAuthorizationV1Api

  /** A new one, who may do nothing yet. */
  static async create(namespace: TestNamespace, name: string): Promise<Somebody> {
    await namespace.core.createNamespacedServiceAccount({
      namespace: namespace.target.namespace,
      body: { metadata: { name } },
    })
    return new Somebody(namespace, name)
  }

  private constructor(namespace: TestNamespace, name: string) {
    this.name = name
    this.#namespace = namespace
    const config = new KubeConfig()
    config.loadFromFile(namespace.target.kubeconfig)
    config.setCurrentContext(namespace.target.context)
    this.#rbac = config.makeApiClient(RbacAuthorizationV1Api)
  }

  /** Gives these rights, by a role and a binding of that name. */
  async grant(name: string, rules: V1PolicyRule[]): Promise<void> {
    const { namespace } = this.#namespace.target
    await this.#rbac.createNamespacedRole({ namespace, body: { metadata: { name }, rules } })
    await this.#rbac.createNamespacedRoleBinding({
      namespace,
      body: {
        metadata: { name },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
        subjects: [{ kind: 'ServiceAccount', name: this.name, namespace }],
      },
    })
  }

  /** Takes away what was given by that name. */
  async revoke(name: string): Promise<void> {
    await this.#rbac.deleteNamespacedRoleBinding({ namespace: this.#namespace.target.namespace, name })
  }

  async token(): Promise<string> {
    const { status } = await this.#namespace.core.createNamespacedServiceAccountToken({
      namespace: this.#namespace.target.namespace,
      name: this.name,
      body: { spec: { audiences: [], expirationSeconds: 600 } },
    })
    return status?.token ?? ''
  }
}

/** The token of a new service account that has these rules in the namespace. */
export async function tokenUnder(namespace: TestNamespace, name: string, rules: V1PolicyRule[]): Promise<string> {
  const somebody = await Somebody.create(namespace, name)
  await somebody.grant(name, rules)
  return await somebody.token()
}
