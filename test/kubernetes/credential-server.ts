import { createServer } from 'node:https'
import type { TLSSocket } from 'node:tls'
import { createCertificate } from '../../src/lab/apiserver/tls/certificate.ts'
import { listenOnLoopback } from '../traffic/loopback.ts'

/** How somebody asked. */
export interface Asked {
  authorization?: string
  /** The fingerprint of the client's certificate. */
  certificate?: string
}

/** An API server that takes everybody, and remembers how each has asked. */
export interface CredentialServer {
  url: string
  /** The certificate that it is known by, as PEM. */
  ca: string
  asked: Asked[]
  /** The connections that were opened. */
  connections: number
  /** Refuses (401) who asks with this. */
  refused: Set<string>
  close(): void
}

export async function startCredentialServer(): Promise<CredentialServer> {
  const { cert, key } = createCertificate('127.0.0.1')
  const started: CredentialServer = { url: '', ca: cert, asked: [], connections: 0, refused: new Set(), close }
  const server = createServer({ cert, key, requestCert: true, rejectUnauthorized: false }, (request, response) => {
    const { authorization } = request.headers
    const { fingerprint256 } = (request.socket as TLSSocket).getPeerCertificate()
    started.asked.push({
      ...(authorization === undefined ? {} : { authorization }),
      ...(fingerprint256 === undefined ? {} : { certificate: fingerprint256 }),
    })
    response.writeHead(started.refused.has(authorization ?? '') ? 401 : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ kind: 'Deployment', metadata: { name: 'web' } }))
  })
  server.on('secureConnection', () => {
    started.connections += 1
  })
  started.url = `https://127.0.0.1:${await listenOnLoopback(server)}`
  return started

  function close(): void {
    server.closeAllConnections()
    server.close()
  }
}
