import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import type { V1Secret } from '@kubernetes/client-node'
import { ChaosError, messageOf } from '../../support/errors.ts'
import type { HeaderRecord, IntentRecord } from '../../undo/log.ts'
import type { OwedRecord } from '../../undo/target-keeper.ts'
import type { TargetReference } from '../../undo/types.ts'
import { secrets } from '../api/api-resources.ts'
import { connect, type KubernetesClient } from '../api/client.ts'
import { hasCode } from '../api/errors.ts'
import type { ObjectReference } from '../api/resources.ts'
import { holderOf } from './holder.ts'
import { holdsLease } from './lease.ts'

/** Tells the Secrets of ours from others, and each run's from the next one's. */
export const runLabel = 'chaos-test/run'
const secretType = 'chaos-test/owed'
const dataKey = 'owed.json.gz'

/** Kubernetes takes 1 MiB of data in a Secret. */
const longestDataBytes = 1_048_576

/** What the Secret of a run holds. */
export interface OwedData {
  version: 1
  run: string
  holder: string
  /** In the order of the actions. */
  entries: OwedEntry[]
}

export interface OwedEntry {
  intent: IntentRecord
  /** The modules of the undo kinds, by names that mean the same on every machine. */
  undoModules: string[]
}

/** How a module is called where its URL means nothing: see `module-names.ts`. */
export type NameModule = (url: string, root: string) => string

/** What one run owes, in a Secret of its own beside the Lease. */
export class OwedSecret implements OwedRecord {
  readonly #target: TargetReference
  readonly #run: string
  readonly #nameModule: NameModule

  constructor(target: TargetReference, run: string, nameModule: NameModule) {
    this.#target = target
    this.#run = run
    this.#nameModule = nameModule
  }

  /**
   * It is not cut by a signal: a request that was given up may still be carried out, after the rollback.
   *
   * @throws CHAOS_OWED_NOT_KEPT when there is no room for it
   */
  async intend(intent: IntentRecord, { undoModules, root }: HeaderRecord): Promise<void> {
    const names = undoModules.map((url) => this.#nameModule(url, root))
    await this.#change(new AbortController().signal, (entries) => [...entries, { intent, undoModules: names }])
  }

  async settle(action: string, signal: AbortSignal): Promise<void> {
    await this.#change(signal, (entries) => entries.filter(({ intent }) => intent.action !== action))
  }

  /** While the Lease is the run's, nobody else has recovered the target, and the run's own log is the truth. */
  async remembers(action: string, signal: AbortSignal): Promise<boolean> {
    const client = await connect(this.#target, signal)
    if (await holdsLease(client, this.#run)) return true
    const secret = await client.find(secrets, this.#reference)
    if (!secret) return false
    const { entries } = await readSecret(secret)
    return entries.some(({ intent }) => intent.action === action)
  }

  get #reference(): ObjectReference {
    return { namespace: this.#target.namespace, name: `chaos-test-owed-${this.#run.toLowerCase()}` }
  }

  async #change(signal: AbortSignal, edit: (entries: OwedEntry[]) => OwedEntry[]): Promise<void> {
    const client = await connect(this.#target, signal)
    while (!(await this.#tryChange(client, edit)));
  }

  /** @returns whether nobody else has written meanwhile */
  async #tryChange(client: KubernetesClient, edit: (entries: OwedEntry[]) => OwedEntry[]): Promise<boolean> {
    const found = await client.find(secrets, this.#reference)
    const before = found ? await readSecret(found) : undefined
    const entries = edit(before?.entries ?? [])
    try {
      if (entries.length > 0) await this.#write(client, found, entries)
      else if (found) await removeSecret(client, found)
      return true
    } catch (error) {
      if (hasCode(error, 'CHAOS_CONFLICT') || (found && hasCode(error, 'CHAOS_NOT_FOUND'))) return false
      throw error
    }
  }

  async #write(client: KubernetesClient, found: V1Secret | undefined, entries: OwedEntry[]): Promise<void> {
    const data = { [dataKey]: await this.#pack({ version: 1, run: this.#run, holder: holderOf(this.#run), entries }) }
    if (found) {
      await client.replace(secrets, { ...found, data })
      return
    }
    const labels = { 'app.kubernetes.io/managed-by': 'chaos-test', [runLabel]: this.#run }
    await client.create(secrets, { type: secretType, metadata: { ...this.#reference, labels }, data })
  }

  async #pack(owed: OwedData): Promise<string> {
    const packed = await promisify(gzip)(JSON.stringify(owed))
    if (packed.length <= longestDataBytes) return packed.toString('base64')
    throw new ChaosError(
      'CHAOS_OWED_NOT_KEPT',
      `The undo of an action could not be kept in the cluster: with it, what run ${this.#run} owes to namespace "${this.#target.namespace}" takes ${packed.length} bytes compressed, and a Secret holds ${longestDataBytes}. The action was not started. Undo earlier actions first, or change less in one hypothesis.`,
    )
  }
}

/** @throws CHAOS_CONFLICT when it is not any more of the version that was read */
async function removeSecret(client: KubernetesClient, { metadata = {} }: V1Secret): Promise<void> {
  const { namespace = '', name = '', resourceVersion } = metadata
  const preconditions = resourceVersion === undefined ? {} : { resourceVersion }
  await client.remove(secrets, { namespace, name }, { preconditions })
}

/** @throws CHAOS_OWED_UNREADABLE: it is not what a version of ours that we know has written */
export async function readSecret({ metadata, data }: V1Secret): Promise<OwedData> {
  try {
    const packed = Buffer.from(data?.[dataKey] ?? '', 'base64')
    const owed: OwedData = JSON.parse((await promisify(gunzip)(packed)).toString())
    if (owed.version === 1) return owed
    throw new Error(`it is of version ${owed.version}`)
  } catch (error) {
    throw new ChaosError(
      'CHAOS_OWED_UNREADABLE',
      `What is owed to namespace "${metadata?.namespace}" could not be read from its Secret "${metadata?.name}": ${messageOf(error)}. Recover it with the version of chaos-test that wrote it; or delete the Secret, if all is as it should be.`,
      { verdict: 'not-restored', cause: error },
    )
  }
}
