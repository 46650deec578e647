import { actCustom } from '../kubernetes/actions/custom.ts'
import type { Impact, Permission } from '../kubernetes/index.ts'
import { currentSession } from '../session/session.ts'
import { ChaosError } from '../support/errors.ts'
import type { TargetReference, UndoContext, UndoKind } from '../undo/types.ts'

/** Where an action acts, and when it must stop. */
export interface ActionContext {
  /** The target of the run. */
  target: TargetReference
  /** Aborts when the hypothesis must stop. */
  signal: AbortSignal
}

/**
 * An action of a project's own. `Args` and `Before` are data: they must survive JSON.
 *
 * `before` reads what is, `run` changes it, `undo` puts it back and `verify` reads back that it is so. The last two may
 * run in another process, after the one that has acted has died, more than once, and over an action that never happened.
 */
export interface ActionDefinition<Args, Before, Result> {
  /** The name of the kind, unique in the project: `flags.set`. */
  kind: string
  /** What is done, in words and without secrets: `switch flag checkout off`. */
  title(args: Args): string
  /** What there will be after the undo, in words and without secrets. @default `what <title> has changed, as before` */
  describe?(args: Args): string
  /** What the action and its undo need of the Kubernetes API. */
  permissions?(args: Args, target: TargetReference): readonly Permission[]
  /** What it hits of the target: the limits of the config are checked against it. */
  impact?(args: Args, target: TargetReference): Impact
  /** Reads the state that is to be put back. It is written down before `run` starts; private, never in a journal. */
  before(args: Args, context: ActionContext): Promise<Before>
  /** Does it. What it returns is what a spec gets. */
  run(args: Args, context: ActionContext): Promise<Result>
  /** Puts the state back: absolutely, never relative to the present. */
  undo(before: Before, args: Args, context: UndoContext): Promise<unknown>
  /** Whether the state is as it was. What it throws, or `false`, keeps the action owed. */
  verify(before: Before, args: Args, context: UndoContext): Promise<boolean>
}

/** An action that specs call. Its module is listed in the config's `actions`. */
export interface CustomAction<Args, Result> {
  (args: Args): Promise<Result>
  /** The name of its kind. */
  readonly kind: string
  /** What the guardian and `recover` find in its module. */
  readonly undoKind: UndoKind<UndoData<Args>>
}

interface UndoData<Args, Before = unknown> {
  args: Args
  before: Before
}

/**
 * Defines an action with the guarantees of every other: permissions and limits are checked before anything is done, its
 * undo is on disk before it starts, whoever is alive carries it out, and it is read back. It is exported from a module
 * that the config lists in `actions` and that imports nothing of Vitest.
 *
 * @example
 * // actions/flags.ts
 * import { defineAction } from 'chaos-test/actions'
 *
 * export const setFlag = defineAction({
 *   kind: 'flags.set',
 *   title: ({ name, value }: { name: string; value: boolean }) => `set flag ${name} to ${value}`,
 *   before: ({ name }) => flags.get(name),
 *   run: ({ name, value }) => flags.set(name, value),
 *   undo: (before, { name }) => flags.set(name, before),
 *   verify: async (before, { name }) => (await flags.get(name)) === before,
 * })
 */
export function defineAction<Args, Before, Result>(
  definition: ActionDefinition<Args, Before, Result>,
): CustomAction<Args, Result> {
  const { kind } = definition
  const action = async (args: Args): Promise<Result> => {
    const { target, signal } = currentSession()
    const context = { target, signal: signal() }
    const title = definition.title(args)
    const before = await definition.before(args, context)
    return await actCustom({
      title,
      before: args,
      impact: definition.impact?.(args, target) ?? { objects: [] },
      permissions: definition.permissions?.(args, target) ?? [],
      undo: { kind, args: { args, before } satisfies UndoData<Args, Before> },
      run: () => definition.run(args, context),
    })
  }
  return Object.assign(action, { kind, undoKind: undoKindOf(definition) })
}

function undoKindOf<Args, Before, Result>(
  definition: ActionDefinition<Args, Before, Result>,
): UndoKind<UndoData<Args, Before>> & UndoKind<UndoData<Args>> {
  const { kind } = definition
  const undoKind: UndoKind<UndoData<Args, Before>> = {
    kind,
    describe: ({ args }) => definition.describe?.(args) ?? `what "${definition.title(args)}" has changed, as before`,
    async undo({ args, before }, context) {
      await definition.undo(before, args, context)
      if (await definition.verify(before, args, context)) return 'undone'
      throw new ChaosError(
        'CHAOS_NOT_RESTORED',
        `The undo of "${definition.title(args)}" (${kind}) was carried out, and verify() says that it is not as before.`,
        { verdict: 'not-restored' },
      )
    },
  }
  return undoKind as UndoKind<UndoData<Args, Before>> & UndoKind<UndoData<Args>>
}
