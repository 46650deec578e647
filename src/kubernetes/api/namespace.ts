import type { TargetReference } from '../../undo/types.ts'
import { namespaces } from './api-resources.ts'
import { connect } from './client.ts'

/** What a namespace says of itself. */
export interface NamespaceView {
  labels: Readonly<Record<string, string>>
}

/** The namespace of a target; undefined when a reachable API says that there is none. */
export async function findNamespace(target: TargetReference, signal: AbortSignal): Promise<NamespaceView | undefined> {
  const client = await connect(target, signal)
  const found = await client.find(namespaces, { name: target.namespace })
  return found && { labels: found.metadata?.labels ?? {} }
}
