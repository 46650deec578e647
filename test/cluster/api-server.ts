import { onTestFinished, vi } from 'vitest'
import { type ApiClient, namespaces } from '../../src/lab/client/index.ts'
import { ClusterServer } from './cluster-server.ts'

/** The API server of the real cluster. It runs again when the test ends. */
export class ApiServer {
  readonly #server = new ClusterServer('apiserver')
  readonly #client: ApiClient

  constructor(client: ApiClient) {
    this.#client = client
    onTestFinished(() => this.start())
  }

  /** Ends it at once, as a machine does that loses power. Resolves when it is gone. */
  kill(): Promise<void> {
    return this.#server.kill()
  }

  /** Resolves when it answers. One that runs is left alone. */
  async start(): Promise<void> {
    this.#server.start()
    await vi.waitFor(() => this.#client.get(namespaces, { name: 'kube-system' }), { timeout: 120_000, interval: 200 })
  }
}
