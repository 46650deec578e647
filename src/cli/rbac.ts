import { existsSync, realpathSync } from 'node:fs'
import { stringify } from 'yaml'
import { readEvents } from '../journal/merge.ts'
import { stateOf } from '../journal/reduce.ts'
import { latestLink, projectOf, runFolder } from '../journal/runs.ts'
import { type HypothesisState, hypothesesOf, type RunState } from '../journal/state.ts'
import { leastRoles, type Role } from '../kubernetes/api/roles.ts'
import { runPermissions } from '../kubernetes/keeper/run-permissions.ts'
import { count } from '../support/count.ts'
import { usageError } from '../support/errors.ts'
import { movedTo, permissionsIn } from './recorded-permissions.ts'

export interface RbacFlags {
  run?: string
  namespace?: string
  name?: string
  json?: boolean
}

/** Prints the least Role that a run needs, by what one has needed. @returns the exit code */
export async function rbacCommand({ run, namespace, name = 'chaos-test', json = false }: RbacFlags): Promise<number> {
  const folder = folderOf(run)
  const events = readEvents(folder)
  const state = stateOf(events)
  const target = state.files.find((file) => file.target)?.target
  if (!target) {
    throw usageError(
      'CHAOS_NO_RUN',
      `The run ${projectOf(folder).run} came to no spec file on a cluster, so it tells nothing of what they need. Run them first: "chaos-test --dry-run" changes nothing.`,
    )
  }
  const place = namespace ?? target.namespace
  const needed = permissionsIn(events).map((permission) => movedTo(place, target.namespace, permission))
  const permissions = [...runPermissions(place), ...needed]
  const roles = leastRoles(name, permissions)
  if (json) console.log(JSON.stringify(roles, null, 2))
  else console.log(documentOf(roles, commentsOn(state, target.name)))
  return 0
}

function folderOf(run: string | undefined): string {
  const root = process.cwd()
  const path = run === undefined ? latestLink(root) : runFolder(root, run)
  if (existsSync(path)) return realpathSync(path)
  throw usageError(
    'CHAOS_NO_RUN',
    run === undefined
      ? 'No run is recorded here, and what specs need shows only when they are run. "chaos-test --dry-run" changes nothing.'
      : `There is no run ${run} in .chaos/runs.`,
  )
}

/** Where the roles come from, and what they may lack. */
function commentsOn(state: RunState, target: string): string[] {
  const hypotheses = hypothesesOf(state)
  const how = state.run?.mode === 'dry-run' ? 'The dry run' : 'The run'
  const open = hypotheses.filter((hypothesis) => !isThrough(hypothesis))
  return [
    `The least that chaos-test needs, by what was needed:`,
    `${how} ${state.run?.id ?? ''} of ${count(hypotheses.length, 'hypothesis', 'hypotheses')} on "${target}":`,
    ...hypotheses.map(({ file, title }) => `- ${file}: ${title}`),
    ...(open.length > 0 ? ['These did not come to their end there, and may need more:'] : []),
    ...open.map(({ title }) => `- ${title}`),
    ...state.notices.filter(({ message }) => message.startsWith('The dry run of')).map(({ message }) => message),
    'What other hypotheses need, or these when they go another way, is not in it.',
  ]
}

function isThrough({ outcome }: HypothesisState): boolean {
  return outcome?.verdict === 'held' || outcome?.verdict === 'deviated'
}

function documentOf(roles: readonly Role[], comments: readonly string[]): string {
  const head = comments.map((line) => `# ${line.replace(/\s+/g, ' ')}`).join('\n')
  return `${head}\n${roles.map((role) => stringify(role, { lineWidth: 0 })).join('---\n')}`.trimEnd()
}
