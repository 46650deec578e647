import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { get, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import { messageOf } from '../../src/support/errors.ts'

export interface RunningService {
  url: string
  port: number
  process: ChildProcess
  /** Resolves with the exit code, or the signal that ended it. */
  exited: Promise<number | string | null>
}

/** Starts a service of the application as a process of its own, ended with the test, and waits until it answers. */
export async function startService(
  name: 'service1' | 'service2',
  env: Record<string, string> = {},
): Promise<RunningService> {
  const port = await freePort()
  const child = spawn(process.execPath, [`specs/rollout/app/${name}.ts`], {
    env: { ...process.env, HOSTNAME: `${name}-pod`, PORT: String(port), ...env },
    stdio: 'inherit',
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  const exited = once(child, 'exit').then(([code, signal]) => code ?? signal)
  const url = `http://127.0.0.1:${port}`
  const early = exited.then((code) => Promise.reject(new Error(`${name} ended at once, with ${code}.`)))
  await Promise.race([listening(url), early])
  early.catch(() => {})
  return { url, port, process: child, exited }
}

async function listening(url: string): Promise<void> {
  for (;;) {
    try {
      await fetchText(`${url}/health`)
      return
    } catch (error) {
      if (!messageOf(error).includes('ECONNREFUSED')) throw error
      await sleep(10)
    }
  }
}

/** Both services, the first asking the second. */
export async function startBoth(env: { version?: string; otlpEndpoint?: string; drainMs?: number } = {}) {
  const { version = 'v1', otlpEndpoint, drainMs } = env
  const shared = {
    ...(otlpEndpoint === undefined ? {} : { OTEL_EXPORTER_OTLP_ENDPOINT: otlpEndpoint }),
    ...(drainMs === undefined ? {} : { DRAIN_MS: String(drainMs) }),
  }
  const service2 = await startService('service2', { VERSION: version, ...shared })
  const service1 = await startService('service1', { ...shared, ...addressOf(service2) })
  return { service1, service2 }
}

/** How Kubernetes tells service1 where service2 is. */
export function addressOf({ port }: { port: number }): Record<string, string> {
  return { SERVICE2_SERVICE_HOST: '127.0.0.1', SERVICE2_SERVICE_PORT: String(port) }
}

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  body: string
}

/** GET over a connection of its own. */
export async function fetchText(url: string, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url, { headers, agent: false }, resolve).on('error', reject)
  })
  return { status: response.statusCode ?? 0, headers: response.headers, body: await text(response) }
}

/** A port that nothing listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
