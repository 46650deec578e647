import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { createServer as createSecureServer } from 'node:tls'
import { expect, test } from 'vitest'
import { createCertificate } from '../../src/lab/apiserver/tls/certificate.ts'
import { FaultServer, patience } from './fault-server.ts'
import { freePort, listenOnLoopback } from './loopback.ts'
import { planFor, send, startLoad } from './plans.ts'

test.each([{ keepAlive: false }, { keepAlive: true }])(
  'nobody listens (keepAlive: $keepAlive)',
  async ({ keepAlive }) => {
    const url = new URL(`http://127.0.0.1:${await freePort()}/`)

    const { summary } = await send(20, planFor(url, { keepAlive }))

    expect(summary).toMatchObject({ planned: 20, failed: 20, outcomes: { refused: 20 } })
  },
)

test('a name that resolves to several addresses, on which nobody listens', async () => {
  const { summary } = await send(5, planFor(new URL(`http://localhost:${await freePort()}/`)))

  expect(summary.outcomes).toEqual({ refused: 5 })
})

test.each([{ keepAlive: false }, { keepAlive: true }])(
  'a server that resets each connection before the request (keepAlive: $keepAlive)',
  async ({ keepAlive }) => {
    let connections = 0
    const server = createServer((socket) => {
      connections += 1
      socket.on('error', () => {})
      socket.resetAndDestroy()
    })
    const url = new URL(`http://127.0.0.1:${await listenOnLoopback(server)}/`)
    try {
      const { summary } = await send(20, planFor(url, { keepAlive }))

      expect(summary.outcomes).toEqual({ reset: 20 })
      expect(connections).toBe(20)
    } finally {
      server.close()
    }
  },
)

test('a name that cannot be resolved', async () => {
  // Too long for a label: the resolver knows it without asking anyone.
  const { summary } = await send(5, planFor(new URL(`http://${'x'.repeat(64)}/`)))

  expect(summary.outcomes).toEqual({ dns: 5 })
})

test('a certificate that nobody trusts', async () => {
  const { cert, key } = createCertificate('127.0.0.1')
  const server = createSecureServer({ cert, key }, (socket) => socket.on('error', () => {}))
  const url = new URL(`https://127.0.0.1:${await listenOnLoopback(server)}/`)
  try {
    const { summary } = await send(5, planFor(url))

    expect(summary.outcomes).toEqual({ tls: 5 })
  } finally {
    server.close()
  }
})

test('HTTPS to a server that does not speak it', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n'))
  })
  const url = new URL(`https://127.0.0.1:${await listenOnLoopback(server)}/`)
  try {
    const { summary } = await send(5, planFor(url))

    expect(summary.outcomes).toEqual({ tls: 5 })
  } finally {
    server.close()
  }
})

test.runIf(process.platform === 'linux')('a server whose backlog is full', async () => {
  const program = `require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, function () {
    process.stdout.write(String(this.address().port))
  })`
  const server = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })
  const fillers: Socket[] = []
  try {
    const [port] = await once(server.stdout, 'data')
    server.kill('SIGSTOP')
    // A backlog of one holds two connections on Linux; what comes after them is never answered.
    for (let filler = 0; filler < 2; filler += 1) {
      const socket = connect(Number(port), '127.0.0.1')
      fillers.push(socket)
      await once(socket, 'connect')
    }

    const { summary, latency } = await send(10, planFor(new URL(`http://127.0.0.1:${port}/`), { timeoutMs: 300 }))

    expect(summary.outcomes).toEqual({ 'timeout-connect': 10 })
    expect(latency.percentile(0)).toBeGreaterThanOrEqual(299)
  } finally {
    for (const socket of fillers) socket.destroy()
    server.kill('SIGKILL')
  }
})

test('users who are stopped while they wait', async () => {
  await using server = await FaultServer.start(['hangs'])
  const load = startLoad(planFor(server.url, { perSecond: 1000 }))
  await expect.poll(() => server.requests.length, patience).toBeGreaterThan(10)

  const { summary } = await load.abort()

  expect(summary.outcomes.aborted).toBeGreaterThan(10)
  expect(summary.completed + summary.failed + summary.dropped).toBe(summary.planned)
  await expect.poll(() => server.open, patience).toBe(0)
})
