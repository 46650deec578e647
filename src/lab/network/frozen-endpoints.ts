import type { Endpoints } from 'kubernetes-types/core/v1.d.ts'
import { keyOf, type Stored } from '../client/index.ts'
import type { EndpointsFault } from '../faults.ts'

/** The endpoints of services of which the proxy hears no changes: those that they had when it ceased to hear. */
export class FrozenEndpoints {
  readonly #frozen = new Map<string, { key: string; endpoints: Stored<Endpoints> | undefined }>()

  freeze(id: string, { namespace = 'default', service }: EndpointsFault, present: readonly Stored<Endpoints>[]): void {
    const key = `${namespace}/${service}`
    const before = [...this.#frozen.values()].find((frozen) => frozen.key === key)
    const endpoints = before ? before.endpoints : present.find((object) => keyOf(object) === key)
    this.#frozen.set(id, { key, endpoints })
  }

  release(id: string): void {
    this.#frozen.delete(id)
  }

  /** The endpoints that the proxy knows of, where these are. */
  insteadOf(present: readonly Stored<Endpoints>[]): Stored<Endpoints>[] {
    if (this.#frozen.size === 0) return [...present]
    const frozen = new Map([...this.#frozen.values()].map(({ key, endpoints }) => [key, endpoints]))
    const others = present.filter((object) => !frozen.has(keyOf(object)))
    return [...others, ...[...frozen.values()].filter((endpoints) => endpoints !== undefined)]
  }
}
