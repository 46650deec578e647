import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { Agent, request } from 'node:https'
import type { ApiAccess } from '../../src/lab/client/access.ts'

/** Many watches of a collection. They count events and read none: what is measured is the server. */
export class Watchers {
  readonly #agent: Agent
  readonly #counts: number[] = []
  #onEvent = () => {}

  private constructor(access: ApiAccess) {
    this.#agent = new Agent({ keepAlive: true, ca: access.ca })
  }

  static async open(access: ApiAccess, path: string, count: number): Promise<Watchers> {
    const watchers = new Watchers(access)
    await Promise.all(Array.from({ length: count }, (_, index) => watchers.#open(access, path, index)))
    return watchers
  }

  /** Resolves when each has seen so many events in all. */
  async haveSeen(events: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#onEvent = () => {
      if (this.#counts.every((count) => count >= events)) resolve()
    }
    this.#onEvent()
    await promise
  }

  close(): void {
    this.#agent.destroy()
  }

  async #open({ server, token }: ApiAccess, path: string, index: number): Promise<void> {
    this.#counts[index] = 0
    const sent = request(`${server}${path}?watch=true`, {
      agent: this.#agent,
      headers: { authorization: `Bearer ${token}` },
    })
    sent.end()
    const [answer] = (await once(sent, 'response')) as [IncomingMessage]
    answer.on('error', () => {})
    answer.on('data', (chunk: Buffer) => {
      for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) this.#counts[index]! += 1
      this.#onEvent()
    })
  }
}
