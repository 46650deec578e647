import type { OwedRun, TargetKeeper } from '../../undo/target-keeper.ts'
import { secrets } from '../api/api-resources.ts'
import { connect } from '../api/client.ts'
import { continueLease, liveHolder, takeLease } from './lease.ts'
import { nameOfModule, urlOfModule } from './module-names.ts'
import { OwedSecret, readSecret, runLabel } from './owed-secret.ts'

/**
 * A namespace of a cluster is locked by a Lease, and remembers in Secrets beside it what runs owe to it.
 *
 * @param ownUrl the module of our own undo kinds
 */
export function namespaceKeeper(ownUrl: string): TargetKeeper {
  return {
    lock: (target, request) => takeLease(target, request),
    continueLock: (target, request) => continueLease(target, request),
    record: (target, run) => new OwedSecret(target, run, (url, root) => nameOfModule(url, root, ownUrl)),

    async owed(target, { root, signal }) {
      const client = await connect(target, signal)
      const found = await client.list(secrets, { namespace: target.namespace, labelSelector: runLabel })
      if (found.items.length === 0) return []
      const live = await liveHolder(client)
      const runs = await Promise.all(found.items.map(readSecret))
      const owed = runs.map(({ run, holder, entries }): OwedRun => {
        const names = new Set(entries.flatMap(({ undoModules }) => undoModules))
        return {
          run,
          holder,
          live: run === live,
          intents: entries.map(({ intent }) => intent),
          undoModules: [...names].map((name) => urlOfModule(name, root, ownUrl)),
        }
      })
      return owed.sort((a, b) => b.run.localeCompare(a.run))
    },
  }
}
