import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import type { Stored } from '../../../src/lab/client/index.ts'

/** A target whose exposition a test writes. */
export interface Page {
  port: number
  /** What `/metrics` answers; undefined: status 500. */
  text: string | undefined
  /** Whether it takes requests and answers none. */
  silent: boolean
  /** How it answers: headers, and the bytes of the text. */
  headers: Record<string, string>
  encode: (text: string) => Buffer | string
  /** The headers that it was asked with last. */
  asked: IncomingHttpHeaders
  /** How often it was asked. */
  scrapes: number
  close(): Promise<void>
}

export async function servePage(text: string): Promise<Page> {
  const server = createServer(({ headers }, response) => {
    page.scrapes++
    page.asked = headers
    if (page.silent) return
    response.writeHead(page.text === undefined ? 500 : 200, page.headers).end(page.encode(page.text ?? ''))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const page: Page = {
    port: (server.address() as AddressInfo).port,
    text,
    silent: false,
    headers: {},
    encode: (plain) => plain,
    asked: {},
    scrapes: 0,
    close: async () => {
      if (!server.listening) return
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
  return page
}

/** A pod as the API server has it, on a port of this machine. */
export function podAt(
  port: number,
  changes: { deletionTimestamp?: string; uid?: string; phase?: string } = {},
): Stored<Pod> {
  const { deletionTimestamp, uid = 'uid-1', phase = 'Running' } = changes
  return {
    metadata: {
      name: 'web-1',
      namespace: 'shop',
      uid,
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
      annotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': String(port) },
      ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
    },
    spec: { nodeName: 'lab-node-1', containers: [] },
    status: { podIP: '127.0.0.1', phase },
  }
}
