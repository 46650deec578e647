import { currentSession } from '../../session/session.ts'
import { changeFields } from '../actions/field-action.ts'
import { configMaps } from '../api/api-resources.ts'
import { call } from '../api/call.ts'
import type { KubernetesClient } from '../api/client.ts'
import { checkName, noSuch } from '../api/names.ts'
import type { ConfigMap, ObjectReference } from '../api/resources.ts'
import { pointerKey } from '../changes/fields.ts'
import { type HandleOptions, referenceOf } from './handle.ts'

/**
 * A config map of the target. Pods that have it as a volume see a change within about a minute; those that have it as
 * variables see it when they are restarted.
 */
export class ConfigMapHandle {
  readonly name: string
  readonly #namespace: string | undefined

  constructor(name: string, options: HandleOptions = {}) {
    this.name = checkName('config map', name)
    this.#namespace = options.namespace
  }

  /** What it holds. @throws CHAOS_NO_SUCH_CONFIGMAP */
  async data(): Promise<Record<string, string>> {
    return await this.#call(
      'config map',
      async (client, reference) => (await find(client, reference, 'data')).data ?? {},
    )
  }

  /**
   * Sets a key, or takes it away with `null`. It is undone by the value that it had.
   *
   * @throws CHAOS_NO_SUCH_CONFIGMAP
   *
   * @example
   * await kubernetes.configMap('settings').set('timeout', '50ms')
   */
  async set(key: string, value: string | null): Promise<void> {
    await this.#call('set config map key', async (client, reference) => {
      const read = await find(client, reference, 'set')
      const before = read.data?.[key]
      if ((before ?? null) === value) {
        const message = `set: configmap/${this.name} has ${key} as it shall be already, so nothing was done.`
        currentSession().record({ type: 'notice', message })
        return
      }
      await changeFields(client, {
        title: `${value === null ? 'remove' : 'set'} ${key} of configmap/${this.name}`,
        what: key,
        resource: configMaps,
        read,
        changes: [
          {
            path: `/data/${pointerKey(key)}`,
            ...(before === undefined ? {} : { before }),
            ...(value === null ? {} : { after: value }),
          },
        ],
        impact: { objects: [{ kind: 'configmap', ...reference }] },
      })
    })
  }

  async #call<T>(name: string, work: (client: KubernetesClient, reference: ObjectReference) => Promise<T>): Promise<T> {
    const reference = referenceOf(this.name, this.#namespace)
    const attributes = { 'k8s.namespace.name': reference.namespace, 'k8s.configmap.name': this.name }
    return await call(name, attributes, async (client) => work(client, reference))
  }
}

async function find(client: KubernetesClient, reference: ObjectReference, tried: string): Promise<ConfigMap> {
  const found = await client.find(configMaps, reference)
  if (found) return found
  throw await noSuch('configmap', tried, reference, async () =>
    (await client.list(configMaps, { namespace: reference.namespace })).items.map(({ metadata }) => metadata.name),
  )
}
