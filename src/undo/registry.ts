import { ChaosError, messageOf } from '../support/errors.ts'
import type { UndoKind } from './types.ts'

/** What a module that defines undo kinds exports. */
export interface UndoModule {
  undoKinds: readonly UndoKind[]
}

/** The undo kinds that this process can carry out. */
export class UndoRegistry {
  readonly #kinds = new Map<string, UndoKind>()

  /** Loads the modules that define them, by URL. @throws CHAOS_UNDO_MODULE_BROKEN */
  static async load(moduleUrls: readonly string[]): Promise<UndoRegistry> {
    const registry = new UndoRegistry()
    for (const url of moduleUrls) {
      try {
        const { undoKinds }: UndoModule = await import(url)
        for (const kind of undoKinds) registry.#kinds.set(kind.kind, kind)
      } catch (error) {
        throw new ChaosError(
          'CHAOS_UNDO_MODULE_BROKEN',
          `The undo kinds of ${url} could not be loaded: ${messageOf(error)}. The module must export "undoKinds" and import nothing of Vitest.`,
          { cause: error },
        )
      }
    }
    return registry
  }

  /** @throws CHAOS_UNDO_UNKNOWN: the module that defines it was not loaded. */
  get(kind: string): UndoKind {
    const found = this.#kinds.get(kind)
    if (!found) {
      throw new ChaosError(
        'CHAOS_UNDO_UNKNOWN',
        `There is no undo of kind "${kind}". It must be defined in a module that the guardian can load, not in a spec file. Known: ${[...this.#kinds.keys()].join(', ')}.`,
      )
    }
    return found
  }
}
