import { ChaosError, messageOf } from '../support/errors.ts'
import { importModule } from '../support/import-module.ts'
import type { HeaderRecord } from './log.ts'
import type { OwedRecord, TargetKeeper } from './target-keeper.ts'
import type { HealingKind, TargetReference, UndoKind } from './types.ts'

/** What a module that defines undo kinds exports. */
export interface UndoModule {
  undoKinds: ReadonlyArray<UndoKind | HealingKind>
  /** Locks the targets that its kinds act on, and lets them remember what is owed. */
  targetKeeper?: TargetKeeper
}

/** An export of a module that brings its own undo: what `defineAction` makes. */
export interface Undoable {
  undoKind: UndoKind
}

function isUndoable(exported: unknown): exported is Undoable {
  return typeof exported === 'function' && 'undoKind' in exported
}

/** The undo kinds that this process can carry out. */
export class UndoRegistry {
  readonly #kinds = new Map<string, UndoKind | HealingKind>()
  #keeper: TargetKeeper | undefined

  /** Loads the modules that define them, by URL. @throws CHAOS_UNDO_MODULE_BROKEN */
  static async load(moduleUrls: readonly string[]): Promise<UndoRegistry> {
    const registry = new UndoRegistry()
    for (const url of moduleUrls) {
      try {
        await registry.#add(url)
      } catch (error) {
        throw new ChaosError(
          'CHAOS_UNDO_MODULE_BROKEN',
          `The undo kinds of ${url} could not be loaded: ${messageOf(error)}. The module must export "undoKinds", or actions of defineAction(), and import nothing of Vitest.`,
          { cause: error },
        )
      }
    }
    return registry
  }

  /** Loads those of the modules that are on this machine. */
  static async loadAvailable(moduleUrls: readonly string[]): Promise<UndoRegistry> {
    const registry = new UndoRegistry()
    for (const url of moduleUrls) await registry.#add(url).catch(() => undefined)
    return registry
  }

  /** The keeper of a cluster that is named; nothing of a run's own lab outlives the run, and without a cluster nobody keeps. */
  keeperOf({ kind }: TargetReference): TargetKeeper | undefined {
    return kind === 'kubernetes' ? this.#keeper : undefined
  }

  /** Where the target of a log remembers what is owed to it, beside the log. */
  recordOf({ target, run }: HeaderRecord): OwedRecord | undefined {
    return this.keeperOf(target)?.record(target, run)
  }

  has(kind: string): boolean {
    return this.#kinds.has(kind)
  }

  /** @throws CHAOS_UNDO_UNKNOWN: the module that defines it was not loaded. */
  get(kind: string): UndoKind | HealingKind {
    const found = this.#kinds.get(kind)
    if (!found) {
      throw new ChaosError(
        'CHAOS_UNDO_UNKNOWN',
        `There is no undo of kind "${kind}". It must be defined in a module that the guardian can load, not in a spec file. Known: ${[...this.#kinds.keys()].join(', ')}.`,
      )
    }
    return found
  }

  async #add(url: string): Promise<void> {
    const module: Partial<UndoModule> = await importModule(url)
    const { undoKinds, targetKeeper } = module
    const actions = (Object.values(module) as unknown[]).filter(isUndoable)
    if (!undoKinds && actions.length === 0) throw new Error('it exports neither "undoKinds" nor an action')
    for (const kind of [...(undoKinds ?? []), ...actions.map((action) => action.undoKind)]) {
      this.#kinds.set(kind.kind, kind)
    }
    this.#keeper ??= targetKeeper
  }
}
