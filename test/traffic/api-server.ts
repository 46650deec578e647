import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { V1Ingress } from '@kubernetes/client-node'
import { createCertificate } from '../../src/lab/apiserver/tls/certificate.ts'
import type { TargetReference } from '../../src/undo/types.ts'
import { listenOnLoopback } from './loopback.ts'

export const token = 'the-token-of-the-api-server'

/** What the proxy says of its nth request: an answer of the service, or that it got none. */
export type ProxyAnswer = 200 | 500 | 502 | 503

const web = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'default' },
  // A multicast address: no machine can connect to it, and none needs to try.
  spec: { clusterIP: '224.0.0.1', ports: [{ name: 'http', port: 80 }] },
}

const ingresses = '/apis/networking.k8s.io/v1/namespaces/default/ingresses'

/** An API server that knows one service, which is reached only through it, and lets in whoever has the token. */
export class ApiServer implements AsyncDisposable {
  /** The paths that it was asked for behind its proxy. */
  readonly proxied: string[] = []
  mayProxy = true
  /** Its ingresses, by name, as the API sends them. */
  readonly ingresses: Record<string, V1Ingress> = {}
  readonly #server: Server
  readonly #folder = mkdtempSync(join(tmpdir(), 'api-server-'))
  #target: TargetReference | undefined

  private constructor(certificate: { cert: string; key: string }, answers: readonly ProxyAnswer[]) {
    const proxy = '/api/v1/namespaces/default/services/http:web:80/proxy'
    this.#server = createServer(certificate, (request, response) => {
      const { url = '', headers } = request
      const answer = (status: number, body: unknown) =>
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
      request.resume()
      if (headers.authorization !== `Bearer ${token}`) return answer(401, { kind: 'Status', code: 401 })
      if (url.includes('/selfsubjectaccessreviews')) return answer(201, { status: { allowed: this.mayProxy } })
      if (url === '/api/v1/namespaces/default/services/web') return answer(200, web)
      if (url.startsWith(ingresses)) return answer(...this.#ingress(url.slice(ingresses.length + 1)))
      if (!url.startsWith(proxy)) return answer(404, { kind: 'Status', code: 404, message: `no ${url}` })
      const status = answers[this.proxied.length % answers.length] ?? 200
      this.proxied.push(url.slice(proxy.length))
      return answer(status, status < 502 ? 'of the service' : { kind: 'Status', code: status })
    })
  }

  #ingress(name: string): [status: number, body: object] {
    const items = Object.entries(this.ingresses).map(([name, body]) => ({ metadata: { name }, ...body }))
    if (name === '') return [200, { metadata: { resourceVersion: '7' }, items }]
    const found = items.find(({ metadata }) => metadata.name === name)
    return found ? [200, found] : [404, { kind: 'Status', code: 404, reason: 'NotFound', message: `no "${name}"` }]
  }

  static async start(answers: readonly ProxyAnswer[] = [200]): Promise<ApiServer> {
    const { cert, key } = createCertificate('127.0.0.1')
    const server = new ApiServer({ cert, key }, answers)
    const port = await listenOnLoopback(server.#server)
    const kubeconfig = join(server.#folder, 'kubeconfig')
    writeFileSync(kubeconfig, JSON.stringify(kubeconfigFor(`https://127.0.0.1:${port}`, cert)))
    server.#target = { kind: 'kubernetes', name: 'shop', kubeconfig, context: 'shop', namespace: 'default' }
    return server
  }

  get target(): TargetReference {
    if (!this.#target) throw new Error('The API server was not started.')
    return this.#target
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

function kubeconfigFor(server: string, ca: string) {
  const encoded = Buffer.from(ca).toString('base64')
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'shop',
    contexts: [{ name: 'shop', context: { cluster: 'shop', user: 'shop' } }],
    clusters: [{ name: 'shop', cluster: { server, 'certificate-authority-data': encoded } }],
    users: [{ name: 'shop', user: { token } }],
  }
}
