import chalk from 'chalk'
import { clusterTarget, loadConfig } from '../config/load.ts'
import { exitCode } from '../journal/verdict.ts'
import { kubernetesUndos } from '../runner/undo-modules.ts'
import { type ErrorView, errorView } from '../support/errors.ts'
import { recoveryId } from '../undo/locked-target.ts'
import { recoverOwedRun } from '../undo/owed-runs.ts'
import { UndoRegistry } from '../undo/registry.ts'
import type { RollbackReport } from '../undo/rollback.ts'
import type { OwedRun, TargetKeeper } from '../undo/target-keeper.ts'
import type { TargetReference } from '../undo/types.ts'

export interface RecoverClusterFlags {
  context: string
  namespace?: string
  kubeconfig?: string
  config?: string
  list?: boolean
  json?: boolean
}

/** A namespace, and who remembers for it. */
interface Remembering {
  target: TargetReference
  keeper: TargetKeeper
  root: string
}

/**
 * Undoes what runs that have died owe to a namespace, by what the cluster itself remembers, or lists it: the logs of
 * these runs may be on another machine, or gone.
 *
 * @returns the exit code
 * @throws CHAOS_TARGET_LOCKED (usage) when a run that lives has the namespace
 */
export async function recoverClusterCommand(flags: RecoverClusterFlags): Promise<number> {
  const root = process.cwd()
  const { timeouts } = await loadConfig(root, flags.config)
  const { context, namespace, kubeconfig } = clusterTarget(flags, root)
  const target: TargetReference = { kind: 'kubernetes', name: context, context, namespace, kubeconfig }
  const keeper = (await UndoRegistry.load([kubernetesUndos])).keeperOf(target)
  if (!keeper) throw new Error('Our own undo kinds come with a keeper of their targets.')
  const remembering = { target, keeper, root }
  return flags.list ? await list(remembering, flags.json) : await recover(remembering, timeouts.rollbackMs, flags.json)
}

async function list({ target, keeper, root }: Remembering, json = false): Promise<number> {
  const owed = await keeper.owed(target, { root, signal: new AbortController().signal })
  if (json) print({ target: placeOf(target), owed: owed.map(viewOf) })
  else if (owed.length === 0) console.log(nothing(target))
  else for (const run of owed) for (const line of linesOf(run, target)) console.log(line)
  return 0
}

async function recover({ target, keeper, root }: Remembering, deadlineMs: number, json = false): Promise<number> {
  const { signal } = new AbortController()
  const request = { root, signal }
  const reports: Array<RollbackReport & { run: string }> = []
  if ((await keeper.owed(target, request)).length > 0) {
    const lock = await keeper.lock(target, { run: recoveryId(), signal })
    try {
      for (const run of await keeper.owed(target, request)) {
        const report = await recoverOwedRun(run, { target, root, by: 'recover', deadlineMs })
        reports.push({ run: run.run, ...report })
      }
    } finally {
      await lock.release()
    }
  }
  if (json) print(resultOf(target, reports))
  else tell(target, reports)
  return reports.some(({ failed }) => failed.length > 0) ? exitCode('not-restored') : 0
}

function tell(target: TargetReference, reports: ReadonlyArray<RollbackReport & { run: string }>): void {
  for (const { run, undone, failed } of reports) {
    for (const { intent } of undone) console.log(`${chalk.green('✓')} undone: ${intent.title} ${byRun(run)}`)
    for (const { intent, error } of failed) {
      console.error(`${chalk.red('✗')} still owed: ${intent.title} ${byRun(run)}: ${errorView(error).message}`)
    }
  }
  if (reports.length === 0) console.log(nothing(target))
  else console.log(chalk.dim('The journals of these runs are where they ran; they are not written here.'))
}

/** What `--list --json` prints of a run. */
interface OwedRunView {
  run: string
  holder: string
  /** Whether it still runs: then nobody else undoes it. */
  live: boolean
  actions: Array<{ action: string; title: string; since: string }>
}

function viewOf({ run, holder, live, intents }: OwedRun): OwedRunView {
  const actions = intents.map(({ action, title, at }) => ({ action, title, since: new Date(at).toISOString() }))
  return { run, holder, live, actions }
}

/** What `--json` prints of a recovery. */
interface RecoveryView {
  target: PlaceView
  undone: ActionView[]
  owed: Array<ActionView & { error: ErrorView }>
}

interface PlaceView {
  name: string
  namespace: string
}

interface ActionView {
  run: string
  action: string
  title: string
}

function resultOf(target: TargetReference, reports: ReadonlyArray<RollbackReport & { run: string }>): RecoveryView {
  const undone = reports.flatMap(({ run, undone }) =>
    undone.map(({ intent: { action, title } }) => ({ run, action, title })),
  )
  const owed = reports.flatMap(({ run, failed }) =>
    failed.map(({ intent: { action, title }, error }) => ({ run, action, title, error: errorView(error) })),
  )
  return { target: placeOf(target), undone, owed }
}

function linesOf(owed: OwedRun, { name, namespace }: TargetReference): string[] {
  const state = owed.live ? ', which is still running' : ''
  return viewOf(owed).actions.map(({ title, since }) => {
    const by = chalk.dim(`since ${since} by run ${owed.holder}${state}`)
    return `${chalk.yellow('owed')} ${title} on ${name}/${namespace} ${by}`
  })
}

function byRun(run: string): string {
  return chalk.dim(`(run ${run})`)
}

function nothing({ name, namespace }: TargetReference): string {
  return `Nothing is owed to ${name}/${namespace}.`
}

function placeOf({ name, namespace }: TargetReference): PlaceView {
  return { name, namespace }
}

function print(value: unknown): void {
  console.log(JSON.stringify(value, null, 2))
}
