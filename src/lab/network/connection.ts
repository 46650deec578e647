import { connect, type Socket } from 'node:net'
import { beginsRequest, refusal } from './http-refusal.ts'
import { Lane } from './lane.ts'
import type { Target } from './routes.ts'
import type { Conditions, Flow, TrafficFaults } from './traffic-faults.ts'

/**
 * A connection of a client to a target, byte for byte: an end of one direction is passed on while the other goes on, and
 * an error of one side resets the other; as far as no fault keeps it from that.
 *
 * When the target cannot be reached the client is reset. (kube-proxy's client would be refused by the target itself:
 * here its connection had been accepted before the target was tried.)
 */
export class Connection implements Flow {
  readonly service: string
  readonly caller: string
  readonly called: string
  readonly #client: Socket
  readonly #target: Target
  readonly #faults: TrafficFaults
  readonly #onClosed: () => void
  readonly #chances = new Map<string, number>()
  readonly #toTarget: Lane
  readonly #toClient: Lane
  #conditions: Conditions
  #upstream: Socket | undefined
  /** The client may begin a request: nothing was said yet, or the target spoke last. */
  #mayBegin = true
  /** What may be the begin of a request. */
  #begun: Buffer = Buffer.alloc(0)
  /** It was answered here: the target has no part in it any more. */
  #refused = false

  /** @param client a socket with `allowHalfOpen` */
  constructor(
    client: Socket,
    { service, target }: { service: string; target: Target },
    { faults, onClosed }: { faults: TrafficFaults; onClosed: () => void },
  ) {
    this.service = service
    this.caller = client.remoteAddress ?? ''
    this.called = target.host
    this.#client = client
    this.#target = target
    this.#faults = faults
    this.#onClosed = onClosed
    this.#conditions = faults.conditionsOf(this)
    this.#toTarget = new Lane(
      () => client,
      () => this.#upstream,
      this.#passage(false),
    )
    this.#toClient = new Lane(
      () => this.#upstream,
      () => client,
      this.#passage(true),
    )
    client.on('data', (bytes) => this.#hear(bytes))
    client.on('end', () => this.#hearEnd())
    this.#onEnd(client, () => {
      if (!this.#refused) this.#toTarget.take('reset')
    })
    client.on('close', () => this.#closed())
    this.#follow()
  }

  chanceOf(fault: string): number {
    const chance = this.#chances.get(fault) ?? Math.random()
    this.#chances.set(fault, chance)
    return chance
  }

  /** Fares by the faults that are in force now. */
  update(): void {
    this.#conditions = this.#faults.conditionsOf(this)
    if (this.#conditions.errors.length === 0) this.#passBegun()
    this.#follow()
  }

  /** Resets both sides. */
  destroy(): void {
    this.#toTarget.stop()
    this.#toClient.stop()
    this.#client.resetAndDestroy()
    this.#upstream?.resetAndDestroy()
  }

  #follow(): void {
    if (this.#conditions.reset) {
      this.destroy()
      return
    }
    if (!this.#conditions.blocked && !this.#upstream && !this.#refused) this.#connect()
    this.#toTarget.wake()
    this.#toClient.wake()
  }

  #connect(): void {
    const upstream = connect({ ...this.#target, ...callerOf(this.#client), allowHalfOpen: true, noDelay: true })
    this.#upstream = upstream
    upstream.on('data', (bytes) => {
      this.#mayBegin = true
      this.#toClient.take({ bytes })
    })
    upstream.on('end', () => this.#toClient.take('end'))
    this.#onEnd(upstream, () => {
      if (!this.#refused) this.#toClient.take('reset')
    })
    upstream.on('close', () => this.#closed())
  }

  /** What ends without an error has said all that it had to; what closes without an end was destroyed. */
  #onEnd(socket: Socket, reset: () => void): void {
    let failed = false
    socket.on('error', () => {
      failed = true
    })
    socket.on('close', () => {
      if (failed || !socket.readableEnded) reset()
    })
  }

  #hear(bytes: Buffer): void {
    if (this.#refused) return
    if (!this.#mayBegin || this.#conditions.errors.length === 0) {
      this.#mayBegin = false
      this.#toTarget.take({ bytes })
      return
    }
    this.#begun = this.#begun.length === 0 ? bytes : Buffer.concat([this.#begun, bytes])
    const begins = beginsRequest(this.#begun)
    if (begins === 'unknown') return
    const error = begins && this.#conditions.errors.find(({ share }) => Math.random() < share)
    if (error) this.#refuse(error.status)
    else this.#passBegun()
  }

  #hearEnd(): void {
    if (this.#refused) return
    this.#passBegun()
    this.#toTarget.take('end')
  }

  #passBegun(): void {
    if (this.#begun.length === 0) return
    this.#mayBegin = false
    this.#toTarget.take({ bytes: this.#begun })
    this.#begun = Buffer.alloc(0)
  }

  #refuse(status: number): void {
    this.#refused = true
    this.#upstream?.destroy()
    this.#toClient.take({ bytes: refusal(status) })
    this.#toClient.take('end')
  }

  #passage(toClient: boolean) {
    const conditions = () => this.#conditions
    return {
      get blocked() {
        return conditions().blocked
      },
      get bytesPerSecond() {
        return toClient ? conditions().bytesPerSecond : Number.POSITIVE_INFINITY
      },
      delayMs: () => (toClient ? conditions().delays.reduce((sum, delay) => sum + drawn(delay), 0) : 0),
    }
  }

  #closed(): void {
    if (this.#client.closed && (this.#upstream?.closed ?? true)) {
      this.#toTarget.stop()
      this.#toClient.stop()
      this.#onClosed()
    }
  }
}

function drawn({ ms, jitterMs }: Conditions['delays'][number]): number {
  return Math.max(0, ms + (2 * Math.random() - 1) * jitterMs)
}

/** The target sees who calls, as it does behind kube-proxy: the address of a pod, not that of the proxy. */
function callerOf({ remoteAddress = '' }: Socket): { localAddress?: string } {
  return remoteAddress.startsWith('127.18.') ? { localAddress: remoteAddress } : {}
}
