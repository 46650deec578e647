import type { Dispatcher } from 'undici'
import type { Connection } from './connections.ts'
import { type Outcome, outcomeOfError, outcomeOfStatus } from './outcomes.ts'

/**
 * One users' request, from its sending to its one outcome. It ends at the latest when the users' patience does; whatever
 * happens on its connection after that is not its own any more.
 */
export class UserRequest implements Dispatcher.DispatchHandler {
  readonly #connection: Connection
  readonly #secure: boolean
  readonly #ended: (outcome: Outcome) => void
  #timer: NodeJS.Timeout | undefined
  #written = false
  #status: number | undefined
  #outcome: Outcome | undefined

  /** @param ended Called exactly once, also when it ends while it is being sent. */
  constructor(connection: Connection, secure: boolean, ended: (outcome: Outcome) => void) {
    this.#connection = connection
    this.#secure = secure
    this.#ended = ended
  }

  get connection(): Connection {
    return this.#connection
  }

  /** The status of the answer, as far as one has come. */
  get status(): number | undefined {
    return this.#status
  }

  /** Whether it ended with a complete answer, so that the connection is as good as before. */
  get answered(): boolean {
    return this.#status !== undefined && this.#outcome === outcomeOfStatus(this.#status)
  }

  send(request: Dispatcher.DispatchOptions, timeoutMs: number): void {
    this.#timer = setTimeout(() => this.#end(this.#written ? 'timeout' : 'timeout-connect'), timeoutMs)
    this.#connection.dispatch(request, this)
  }

  /** Ends it as `aborted`. */
  abort(): void {
    this.#end('aborted')
  }

  onRequestStart(): void {
    this.#written = true
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number): void {
    // An informational answer (1xx) is followed by another.
    if (status >= 200) this.#status = status
  }

  onResponseData(): void {}

  onResponseEnd(): void {
    this.#end(outcomeOfStatus(this.#status ?? 0))
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#end(outcomeOfError(error, this.#written ? 'sent' : this.#secure ? 'connecting-tls' : 'connecting'))
  }

  #end(outcome: Outcome): void {
    if (this.#outcome) return
    this.#outcome = outcome
    clearTimeout(this.#timer)
    this.#ended(outcome)
  }
}
