import { type Clock, systemClock } from '../../support/clock.ts'
import { messageOf } from '../../support/errors.ts'
import type { FaultSpec, FaultStatus } from '../faults.ts'
import type { ApiClient } from './client.ts'
import { isConflict, isNotFound } from './error.ts'
import { Informer } from './informer.ts'
import { type Fault, faults, type Stored } from './resources.ts'

export interface FaultHandler {
  /** Names the part: no other has the same. */
  part: string
  /** Whether a fault that is not in force is for this part to bring about. */
  concerns(spec: FaultSpec): boolean
  /**
   * Brings a fault into force: when it resolves, it is.
   * @param isNew whether it has never been in force; else this part has started again
   * @throws what a person reads in the status of the fault
   */
  begin(fault: Stored<Fault>, isNew: boolean): Promise<void> | void
  /** Ends it, also when it has not begun wholly. What it throws is told, and it is tried again. */
  end(fault: Stored<Fault>): Promise<void> | void
}

export interface FaultFollowerOptions {
  clock?: Clock
  onError?: (error: unknown) => void
}

const retryMs = 500

/**
 * Brings the faults that concern a part of the lab into force, one after the other, and ends them when their objects are
 * deleted. The object is gone when the fault has ended.
 */
export class FaultFollower {
  readonly #client: ApiClient
  readonly #handler: FaultHandler
  readonly #informer: Informer<Fault>
  readonly #clock: Clock
  readonly #onError: (error: unknown) => void
  readonly #begun = new Map<string, Stored<Fault>>()
  readonly #ended = new AbortController()
  #following: Promise<void> = Promise.resolve()

  constructor(client: ApiClient, handler: FaultHandler, options: FaultFollowerOptions = {}) {
    const { clock = systemClock, onError = (error) => console.error('faults:', error) } = options
    this.#client = client
    this.#handler = handler
    this.#clock = clock
    this.#onError = onError
    this.#informer = new Informer(client, faults, { clock })
    this.#informer.onChange(() => this.#changed())
  }

  /** Resolves when the faults that were there already are in force. */
  async start(): Promise<void> {
    this.#informer.start()
    await this.#informer.synced
    await this.#following
  }

  /** Resolves when no fault is begun or ended any more. Those in force stay. */
  async stop(): Promise<void> {
    this.#ended.abort()
    await this.#informer.stop()
    await this.#following
  }

  #changed(): void {
    const follow = async () => {
      for (;;) {
        if (this.#ended.signal.aborted) return
        try {
          await this.#follow()
          return
        } catch (error) {
          if (this.#ended.signal.aborted) return
          this.#onError(error)
          await this.#clock.sleep(retryMs, this.#ended.signal).catch(() => {})
        }
      }
    }
    this.#following = this.#following.then(follow)
  }

  async #follow(): Promise<void> {
    const isOwn = (fault: Stored<Fault>) => this.#holds(fault) || this.#handler.concerns(fault.spec)
    const present = this.#informer.list().filter(isOwn)
    const uids = new Set(present.map(({ metadata }) => metadata.uid))
    for (const [uid, fault] of this.#begun) if (!uids.has(uid)) await this.#end(fault)
    for (const fault of present) {
      if (fault.metadata.deletionTimestamp !== undefined) await this.#release(fault)
      else if (!this.#begun.has(fault.metadata.uid) && fault.status?.phase !== 'Failed') await this.#begin(fault)
    }
  }

  async #begin(fault: Stored<Fault>): Promise<void> {
    const { uid } = fault.metadata
    const held = await this.#patch(fault, { metadata: { uid, finalizers: [this.#finalizer] } })
    if (!held) return
    this.#begun.set(uid, fault)
    try {
      await this.#handler.begin(fault, fault.status?.phase !== 'Active')
      await this.#tell(fault, { phase: 'Active' })
    } catch (error) {
      await this.#end(fault)
      await this.#tell(fault, { phase: 'Failed', message: messageOf(error) })
    }
  }

  async #release(fault: Stored<Fault>): Promise<void> {
    await this.#end(fault)
    if (!this.#holds(fault)) return
    const { uid, finalizers = [] } = fault.metadata
    const others = finalizers.filter((finalizer) => finalizer !== this.#finalizer)
    await this.#patch(fault, { metadata: { uid, finalizers: others.length > 0 ? others : null } })
  }

  async #end(fault: Stored<Fault>): Promise<void> {
    const { uid } = fault.metadata
    if (!this.#begun.has(uid)) return
    await this.#handler.end(fault)
    this.#begun.delete(uid)
  }

  async #tell(fault: Stored<Fault>, status: FaultStatus): Promise<void> {
    await this.#patch(fault, { metadata: { uid: fault.metadata.uid }, status }, 'status')
  }

  /** Holds the object of a fault back until the fault has ended. */
  get #finalizer(): string {
    return `lab.chaos-test/${this.#handler.part}`
  }

  #holds({ metadata: { finalizers = [] } }: Stored<Fault>): boolean {
    return finalizers.includes(this.#finalizer)
  }

  /** Whether it is still there. */
  async #patch({ metadata: { name } }: Stored<Fault>, patch: object, subresource?: string): Promise<boolean> {
    try {
      await this.#client.patch(faults, { name }, patch, { type: 'merge', ...(subresource ? { subresource } : {}) })
      return true
    } catch (error) {
      // A conflict is one of the uid: there is another of that name.
      if (isNotFound(error) || isConflict(error)) return false
      throw error
    }
  }
}
