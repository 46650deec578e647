import type { ResolvedConfig } from '../config/load.ts'
import type { TargetReference } from '../undo/types.ts'
import type { Target, TargetSource } from './targets.ts'
import { Turns } from './turns.ts'

/** Stands where a cluster would be. */
export const noCluster: TargetReference = { kind: 'none', name: 'none', kubeconfig: '', context: '', namespace: '' }

/**
 * No cluster: specs act by addresses and by actions of the project's own. Nobody but they knows on what, so it is taken
 * for one thing: one file has it after the other.
 */
export class NoClusterSource implements TargetSource {
  readonly atATime = 1
  readonly isShared = true
  readonly #target: Target
  readonly #turns = new Turns()

  constructor({ prometheusUrl, prometheusAccess }: ResolvedConfig) {
    this.#target = {
      reference: noCluster,
      ...(prometheusUrl === undefined ? {} : { prometheusUrl }),
      ...(prometheusAccess === undefined ? {} : { prometheusAccess }),
    }
  }

  async prepare(): Promise<void> {}

  async acquire(file: string): Promise<Target> {
    await this.#turns.take(file)
    return this.#target
  }

  async release(file: string): Promise<void> {
    this.#turns.end(file)
  }

  async close(): Promise<void> {}
}
