/**
 * The names of the lab: which address each service has, told to every process that asks for it (see `hook.mjs`), and told
 * again when it changes. It speaks the Kubernetes API alone.
 */
import { createServer, type Socket } from 'node:net'
import type { Service } from 'kubernetes-types/core/v1.d.ts'
import { loopbackAddress } from '../addresses.ts'
import { type ApiAccess, ApiClient, FaultFollower, Informer, keyOf, services } from '../client/index.ts'
import type { NamesFault } from '../faults.ts'
import { listen } from '../http/listening.ts'

/** What the name of a service (`web.shop`) comes to: its address on this machine, or the code of an error. */
export type NameTable = Record<string, { address: string } | { error: string }>

export interface RunningNameServer {
  /** `address:port` */
  address: string
  stop(): Promise<void>
}

const errors: Record<NamesFault['effect'], string> = { notFound: 'ENOTFOUND', noAnswer: 'EAI_AGAIN' }

/** How long a process may take to hear of a fault: one that hangs never does. */
const heardWithinMs = 2_000

/** Resolves when the names of the services that are there already can be asked for. */
export async function startNameServer(access: ApiAccess, { host }: { host: string }): Promise<RunningNameServer> {
  const names = new NameServer(access)
  const address = await names.start(host)
  return { address, stop: () => names.stop() }
}

/**
 * The addresses of all services that have one, but for those whose names a fault concerns.
 *
 * @param faults by the keys of services
 */
function nameTable(services: readonly Service[], faults: ReadonlyMap<string, NamesFault['effect']>): NameTable {
  const table: NameTable = {}
  for (const service of services) {
    const { clusterIP = 'None' } = service.spec ?? {}
    const { name = '', namespace = '' } = service.metadata ?? {}
    const fault = faults.get(keyOf(service))
    if (fault !== undefined) table[`${name}.${namespace}`] = { error: errors[fault] }
    else if (clusterIP !== 'None') table[`${name}.${namespace}`] = { address: loopbackAddress(clusterIP) }
  }
  return table
}

class NameServer {
  readonly #client: ApiClient
  readonly #services: Informer<Service>
  readonly #follower: FaultFollower
  readonly #faults = new Map<string, NamesFault>()
  /** Who listens, and which version it has heard of. */
  readonly #listeners = new Map<Socket, number>()
  readonly #server = createServer((socket) => this.#welcome(socket))
  #version = 0
  #line = ''
  #onHeard = () => {}

  constructor(access: ApiAccess) {
    this.#client = new ApiClient(access)
    this.#services = new Informer(this.#client, services)
    this.#follower = new FaultFollower(this.#client, {
      part: 'names',
      concerns: ({ names }) => names !== undefined,
      begin: async ({ metadata: { uid }, spec: { names } }) => {
        if (names) this.#faults.set(uid, names)
        await this.#tell()
      },
      end: async ({ metadata: { uid } }) => {
        this.#faults.delete(uid)
        await this.#tell()
      },
    })
  }

  async start(host: string): Promise<string> {
    this.#services.onChange((old, current) => {
      const isSame = old?.spec?.clusterIP === current?.spec?.clusterIP
      if (!isSame) void this.#tell()
    })
    this.#services.start()
    await this.#services.synced
    await this.#follower.start()
    await this.#tell()
    return `${host}:${await listen(this.#server, host, 0)}`
  }

  async stop(): Promise<void> {
    await this.#follower.stop()
    await this.#services.stop()
    this.#server.close()
    for (const socket of this.#listeners.keys()) socket.destroy()
    this.#client.close()
  }

  #welcome(socket: Socket): void {
    this.#listeners.set(socket, 0)
    socket.on('error', () => {})
    socket.on('close', () => {
      this.#listeners.delete(socket)
      this.#onHeard()
    })
    // The last number of those that it says is the version that it has heard of.
    socket.on('data', (said) => {
      this.#listeners.set(socket, Number(said.toString().trim().split('\n').at(-1)))
      this.#onHeard()
    })
    socket.write(this.#line)
  }

  /** Tells everybody. Resolves when all have heard it, or had the time to. */
  async #tell(): Promise<void> {
    const effects = [...this.#faults.values()].map((fault): [string, NamesFault['effect']] => [
      `${fault.namespace ?? 'default'}/${fault.service}`,
      fault.effect,
    ])
    const version = ++this.#version
    this.#line = `${JSON.stringify({ version, names: nameTable(this.#services.list(), new Map(effects)) })}\n`
    for (const socket of this.#listeners.keys()) socket.write(this.#line)
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, heardWithinMs)
    this.#onHeard = () => {
      if ([...this.#listeners.values()].every((heard) => heard >= version)) resolve()
    }
    this.#onHeard()
    await promise
    clearTimeout(timer)
  }
}
