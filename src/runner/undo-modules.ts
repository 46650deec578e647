import { pathToFileURL } from 'node:url'
import type { ResolvedConfig } from '../config/load.ts'

/** Where the guardian and `recover` find our own undo kinds, and the keeper of their targets. */
export const kubernetesUndos = new URL(
  import.meta.url.endsWith('.ts') ? '../kubernetes/undo.ts' : '../kubernetes/undo.js',
  import.meta.url,
).href

/** The modules of undo kinds that a run may need: ours, and the project's own. */
export function undoModulesOf({ actions }: ResolvedConfig): string[] {
  return [kubernetesUndos, ...actions.map((path) => pathToFileURL(path).href)]
}
