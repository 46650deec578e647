import { isDeepStrictEqual } from 'node:util'
import type { Pod, PodStatus } from 'kubernetes-types/core/v1.d.ts'
import type { Clock } from '../../support/clock.ts'
import { type ApiClient, ApiError, pods, type Stored } from '../client/index.ts'

/**
 * Writes the status of one pod: in order, one at a time, only what differs from what is there, and always the newest.
 * It is written as a patch bound to the pod's uid: it takes nothing from others' conditions, and never meets another
 * pod of the same name.
 */
export class StatusWriter {
  readonly #client: ApiClient
  readonly #clock: Clock
  readonly #retryMs: number
  readonly #name: { namespace: string | undefined; name: string }
  readonly #uid: string
  #written: PodStatus = {}
  #wanted: PodStatus = {}
  #writing: Promise<void> | undefined
  #closed = false

  constructor(client: ApiClient, pod: Stored<Pod>, options: { clock: Clock; retryMs: number }) {
    this.#client = client
    this.#clock = options.clock
    this.#retryMs = options.retryMs
    this.#name = { namespace: pod.metadata.namespace, name: pod.metadata.name }
    this.#uid = pod.metadata.uid
    this.#wanted = pod.status ?? {}
    this.#written = this.#wanted
  }

  /** What was written last, or is about to be. */
  get latest(): PodStatus {
    return this.#wanted
  }

  /** Nothing is written any more: the pod is gone, or the lab ends. */
  get closed(): boolean {
    return this.#closed
  }

  write(status: PodStatus): void {
    this.#wanted = status
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined
    })
  }

  /** Resolves when the newest status is written, or the pod is gone. */
  async flushed(): Promise<void> {
    await this.#writing
  }

  /** Writes nothing from now on. */
  close(): void {
    this.#closed = true
  }

  async #writeAll(): Promise<void> {
    while (!this.#closed && !isDeepStrictEqual(this.#written, this.#wanted)) {
      const status = this.#wanted
      try {
        const patch = { metadata: { uid: this.#uid }, status: withRemovals(status, this.#written) }
        await this.#client.patch(pods, this.#name, patch, { subresource: 'status' })
        this.#written = status
      } catch (error) {
        if (isOtherPod(error)) this.#closed = true
        else await this.#clock.sleep(this.#retryMs)
      }
    }
  }
}

/** Conditions are merged one by one: a reason or a message that is no longer there must be taken away by name. */
function withRemovals(status: PodStatus, written: PodStatus): object {
  const conditions = status.conditions?.map((condition) => {
    const before = written.conditions?.find(({ type }) => type === condition.type)
    const removed = (['reason', 'message'] as const).filter((field) => before?.[field] && !condition[field])
    return { ...condition, ...Object.fromEntries(removed.map((field) => [field, null])) }
  })
  return { ...status, ...(conditions ? { conditions } : {}) }
}

/** There is no such pod any more, or it is another: a conflict of uid. */
function isOtherPod(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 404 || error.status === 409)
}
