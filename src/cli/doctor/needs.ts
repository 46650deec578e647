import type { PermissionView } from '../../journal/events.ts'
import { type Finding, note, ok } from './check.ts'

/** What each spec file needs of the Kubernetes API, where that is known, a line each. */
export function needsFinding(
  files: readonly string[],
  needed: ReadonlyMap<string, readonly PermissionView[]>,
): Finding {
  const lines = files.map((file) => `${file}: ${wordsFor(needed.get(file))}`)
  const unknown = files.filter((file) => !needed.has(file)).length
  if (unknown === 0) return ok(lines.join('\n'))
  return note(`${lines.join('\n')}\n"chaos-test --dry-run" changes nothing, and shows what they need`)
}

function wordsFor(permissions: readonly PermissionView[] | undefined): string {
  if (!permissions) return 'not known: it was never run or rehearsed here'
  const verbsOf = new Map<string, Set<string>>()
  for (const { group, resource, subresource, verb } of permissions) {
    if (group === 'authorization.k8s.io') continue
    const what = subresource === undefined ? resource : `${resource}/${subresource}`
    verbsOf.set(what, (verbsOf.get(what) ?? new Set()).add(verb))
  }
  const words = [...verbsOf].map(([what, verbs]) => `${[...verbs].sort().join(', ')} ${what}`)
  return words.length > 0 ? words.join('; ') : 'nothing of the cluster'
}
