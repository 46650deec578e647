import type { ChaosEvent, PermissionView } from '../journal/events.ts'
import { readEvents } from '../journal/merge.ts'
import { listRuns, runFolder } from '../journal/runs.ts'

/** What was needed in a run: by its spec files, and by itself. */
export function permissionsIn(events: readonly ChaosEvent[]): PermissionView[] {
  return events.flatMap((event) => (event.type === 'permission-used' ? [event.permission] : []))
}

/** What was needed in one namespace, in another: specs run in both. */
export function movedTo(to: string, from: string, permission: PermissionView): PermissionView {
  const isOfTarget = permission.resource === 'namespaces' && permission.name === from
  return {
    ...permission,
    ...(permission.namespace === from ? { namespace: to } : {}),
    ...(isOfTarget ? { name: to } : {}),
  }
}

/**
 * What spec files needed when they were last run or rehearsed, as if in this namespace. A file that never was is missing.
 */
export function lastNeeded(
  root: string,
  files: readonly string[],
  namespace: string,
): Map<string, readonly PermissionView[]> {
  const needed = new Map<string, readonly PermissionView[]>()
  for (const run of listRuns(root).sort().reverse()) {
    const events = readEvents(runFolder(root, run))
    if (events.some((event) => event.type === 'run-started' && event.mode === 'steady-state')) continue
    for (const file of files) {
      const own = events.filter((event) => event.file === file)
      const started = own.find((event) => event.type === 'file-started')
      if (needed.has(file) || !started) continue
      needed.set(
        file,
        permissionsIn(own).map((each) => movedTo(namespace, started.target?.namespace ?? namespace, each)),
      )
    }
  }
  return needed
}
