import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { afterEach, describe, expect, test } from 'vitest'

const hook = new URL('../../../src/lab/network/hook.mjs', import.meta.url).href
const podAddress = '127.18.1.7'
const podIP = '198.18.1.7'
const started: ChildProcess[] = []

afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL')
})

/** Runs a module in a Node process of a pod. */
function inPod(source: string, environment: Record<string, string> = {}): ChildProcess {
  const child = spawn(process.execPath, [`--import=${hook}`, '--input-type=module', '--eval', source], {
    env: { LAB_POD_ADDRESS: podAddress, LAB_POD_NAMESPACE: 'shop', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  started.push(child)
  return child
}

/** The first line that it prints, as JSON. */
async function answerOf(child: ChildProcess): Promise<unknown> {
  if (!child.stdout) throw new Error('it has no output')
  const [line] = await once(createInterface(child.stdout), 'line')
  return JSON.parse(String(line))
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

function listening(listen: string): Promise<unknown> {
  return answerOf(
    inPod(`
      import net from 'node:net'
      import http from 'node:http'
      const server = net.createServer()
      const print = () => { console.log(JSON.stringify(server.address())); server.close() }
      server.on('error', (error) => console.log(JSON.stringify({ error: error.code })))
      server.on('listening', print)
      ${listen}`),
  )
}

describe('listening', () => {
  test.each([
    ['a port', 'server.listen(18000)'],
    ['a port as text', "server.listen('18000')"],
    ['a port and a callback', 'server.listen(18000, () => {})'],
    ['a port and a backlog', 'server.listen(18000, 5)'],
    ['a port, a backlog and a callback', 'server.listen(18000, 5, () => {})'],
    ['every IPv4 address', "server.listen(18000, '0.0.0.0')"],
    ['every IPv6 address', "server.listen(18000, '::', 5, () => {})"],
    ['no host by name', 'server.listen(18000, undefined, () => {})'],
    ['a null host and a backlog', 'server.listen(18000, null, 5)'],
    ["the pod's address", `server.listen(18000, '${podIP}')`],
    ['options', 'server.listen({ port: 18000 })'],
    ['options for every address', "server.listen({ port: 18000, host: '::' }, () => {})"],
  ])("to %s is on the pod's address", async (_title, listen) => {
    expect(await listening(listen)).toMatchObject({ address: podAddress, port: 18000 })
  })

  test.each([
    ['nothing', 'server.listen()'],
    ['a callback alone', 'server.listen(() => {})'],
    ['null', 'server.listen(null)'],
    ['port 0', 'server.listen(0)'],
    ['an undefined port', 'server.listen({ port: undefined })'],
  ])("to %s is on a free port of the pod's address", async (_title, listen) => {
    expect(await listening(listen)).toMatchObject({ address: podAddress, port: expect.any(Number) })
  })

  test('to a host of its own is left alone', async () => {
    expect(await listening("server.listen(0, '127.0.0.1')")).toMatchObject({ address: '127.0.0.1' })
  })

  test('to a path is left alone', async () => {
    const path = `/tmp/hook-test-${process.pid}.sock`
    expect(await listening(`server.listen('${path}')`)).toBe(path)
    expect(await listening(`server.listen({ path: '${path}' })`)).toBe(path)
  })

  test('to the handle of another server is left alone', async () => {
    const reuse = "const other = net.createServer().listen(0, '127.0.0.1', () => server.listen(other))"
    expect(await listening(`${reuse}; server.on('close', () => process.exit())`)).toMatchObject({
      address: '127.0.0.1',
    })
  })

  test('what is wrong is as wrong as without it', async () => {
    const answer = await answerOf(
      inPod(`
        import net from 'node:net'
        const code = (listen) => { try { listen(); return 'none' } catch (error) { return error.code } }
        console.log(JSON.stringify([code(() => net.createServer().listen({})), code(() => net.createServer().listen(99999))]))`),
    )
    expect(answer).toEqual(['ERR_INVALID_ARG_VALUE', 'ERR_SOCKET_BAD_PORT'])
  })

  test('two pods listen on the same port', async () => {
    const serve = `
      import http from 'node:http'
      const server = http.createServer((request, response) => response.end(process.env.NAME))
      server.listen(18001, '0.0.0.0', () => console.log(JSON.stringify(server.address().address)))`
    const addresses = ['127.18.1.8', '127.18.1.9']
    await Promise.all(addresses.map((address) => answerOf(inPod(serve, { LAB_POD_ADDRESS: address, NAME: address }))))
    const answers = await Promise.all(addresses.map(async (host) => (await fetch(`http://${host}:18001/`)).text()))
    expect(answers).toEqual(addresses)
  })
})

describe('connecting', () => {
  /** What the caller says, and who called, for a call that a pod makes to a server at 127.18.1.20. */
  async function called(call: (port: number) => string): Promise<unknown> {
    const server = createServer((socket) => socket.end(JSON.stringify(socket.remoteAddress)))
    server.listen(0, '127.18.1.20')
    await once(server, 'listening')
    try {
      const source = `
        import net from 'node:net'
        const socket = ${call(portOf(server))}
        let text = ''
        socket.on('error', (error) => console.log(JSON.stringify(error.code)))
        socket.on('data', (data) => { text += data })
        socket.on('end', () => console.log(text))`
      return await answerOf(inPod(source, { WEB_SERVICE_HOST: '127.18.1.20' }))
    } finally {
      server.close()
    }
  }

  test.each([
    ['net.connect with a host', (port: number) => `net.connect(${port}, '198.18.1.20')`],
    ['net.connect with options', (port: number) => `net.connect({ port: ${port}, host: '198.18.1.20' })`],
    ['a socket with a host', (port: number) => `new net.Socket().connect(${port}, '198.18.1.20', () => {})`],
    ['a socket with options', (port: number) => `new net.Socket().connect({ port: '${port}', host: '198.18.1.20' })`],
    ['the address on this machine', (port: number) => `net.connect(${port}, '127.18.1.20')`],
    ["a service's name", (port: number) => `net.connect(${port}, 'web')`],
    ["a service's name with its namespace", (port: number) => `net.connect(${port}, 'web.shop')`],
    ["a service's full name", (port: number) => `net.connect(${port}, 'web.shop.svc.cluster.local')`],
  ])("%s reaches the lab's address from the pod's", async (_title, call) => {
    expect(await called(call)).toBe(podAddress)
  })

  test('a source address of its own is kept', async () => {
    const call = (port: number) => `net.connect({ port: ${port}, host: '198.18.1.20', localAddress: '127.18.1.30' })`
    expect(await called(call)).toBe('127.18.1.30')
  })

  test.for([
    ['fetch', "await (await fetch('http://web:18002/')).text()"],
    ['undici', "await (await undici.request('http://web:18002/')).body.text()"],
    ['http.get', "await got({ host: 'web', port: 18002 })"],
    ['http.get without an agent', "await got({ host: 'web', port: 18002, agent: false })"],
    ['http.get of a URL', "await got('http://web:18002/')"],
  ])('%s reaches a service by its name, from the address of the pod', async ([, call]) => {
    const serve = `
      import http from 'node:http'
      const server = http.createServer((request, response) => response.end(JSON.stringify([request.headers.host, request.socket.remoteAddress])))
      server.listen(18002, () => console.log('true'))`
    await answerOf(inPod(serve, { LAB_POD_ADDRESS: '127.18.1.21' }))
    const source = `
      import http from 'node:http'
      import undici from '${import.meta.resolve('undici')}'
      const got = (target) => new Promise((resolve) => http.get(target, (answer) => answer.on('data', (data) => resolve(String(data)))))
      console.log(${call})
      process.exit()`
    expect(await answerOf(inPod(source, { WEB_SERVICE_HOST: '127.18.1.21' }))).toEqual(['web:18002', podAddress])
  })

  test('other addresses are left alone', async () => {
    const server = createServer((socket) => socket.end(JSON.stringify(socket.remoteAddress)))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const call = `import net from 'node:net'; net.connect(${portOf(server)}, '127.0.0.1').on('data', (data) => console.log(String(data)))`
    expect(await answerOf(inPod(call))).toBe('127.0.0.1')
    server.close()
  })
})

describe('names that the lab tells', () => {
  /** Tells whoever connects these names, and what it says. */
  async function tellNames(names: object): Promise<{ server: Server; said: string[]; tell(names: object): void }> {
    const said: string[] = []
    const sockets: Socket[] = []
    const line = (version: number, told: object) => `${JSON.stringify({ version, names: told })}\n`
    const server = createServer((socket) => {
      sockets.push(socket)
      socket.on('error', () => {})
      socket.on('data', (data) => said.push(String(data)))
      socket.write(line(1, names))
    })
    server.listen(0, '127.18.1.1')
    await once(server, 'listening')
    const tell = (told: object) => {
      for (const socket of sockets) socket.write(line(2, told))
    }
    return { server, said, tell }
  }

  const looksUp = `
    import dns, { lookup } from 'node:dns'
    import { lookup as promised } from 'node:dns/promises'
    import net from 'node:net'
    const code = ({ code }) => code
    const all = async (name) => [
      await new Promise((resolve) => lookup(name, (error, address) => resolve(error?.code ?? address))),
      await promised(name).then(({ address }) => address, code),
      await dns.promises.lookup(name, { all: true }).then((found) => found, code),
      await new Promise((resolve) => net.connect(1, name).on('error', (error) => resolve(error.code))),
    ]`

  test('are known from the start, in any form and of any namespace', async () => {
    const { server, said } = await tellNames({
      'web.shop': { address: '127.18.1.20' },
      'api.other': { address: '127.18.1.21' },
      'lost.shop': { error: 'ENOTFOUND' },
      'mute.shop': { error: 'EAI_AGAIN' },
    })
    const source = `${looksUp}
      const names = ['web', 'web.shop.svc', 'api.other', 'api.other.svc.cluster.local.', 'lost', 'mute.shop', 'localhost']
      console.log(JSON.stringify(await Promise.all(names.map(all))))`
    const web = ['127.18.1.20', '127.18.1.20', [{ address: '127.18.1.20', family: 4 }], 'ECONNREFUSED']
    const api = ['127.18.1.21', '127.18.1.21', [{ address: '127.18.1.21', family: 4 }], 'ECONNREFUSED']
    const failing = (code: string) => [code, code, code, code]
    const [first, second, third, fourth, lost, mute, local] = (await answerOf(
      inPod(source, { LAB_NAMES: `127.18.1.1:${portOf(server)}` }),
    )) as unknown[][]
    expect([first, second]).toEqual([web, web])
    expect([third, fourth]).toEqual([api, api])
    expect([lost, mute]).toEqual([failing('ENOTFOUND'), failing('EAI_AGAIN')])
    expect(local?.[0]).toMatch(/^(127\.0\.0\.1|::1)$/)
    expect(said.join('')).toBe('1\n')
    server.close()
  })

  test('change while a process runs, which says that it has heard', async () => {
    const { server, said, tell } = await tellNames({})
    const source = `
      import { lookup } from 'node:dns/promises'
      console.log('true')
      for (;;) {
        const found = await lookup('web.shop.svc').catch(() => undefined)
        if (found) console.log(JSON.stringify(found))
        await new Promise((resolve) => setTimeout(resolve, 10))
      }`
    const child = inPod(source, { LAB_NAMES: `127.18.1.1:${portOf(server)}` })
    if (!child.stdout) throw new Error('it has no output')
    const lines = createInterface(child.stdout)
    await once(lines, 'line')
    tell({ 'web.shop': { address: '127.18.1.20' } })
    const [line] = await once(lines, 'line')
    expect(JSON.parse(String(line))).toEqual({ address: '127.18.1.20', family: 4 })
    expect(said.join('')).toBe('1\n2\n')
    server.close()
  })

  test('are done without where nobody tells them, and hold no process', async () => {
    expect(await once(inPod('', { LAB_NAMES: '127.18.1.1:9' }), 'exit')).toEqual([0, null])
    const { server } = await tellNames({})
    expect(await once(inPod('', { LAB_NAMES: `127.18.1.1:${portOf(server)}` }), 'exit')).toEqual([0, null])
    server.close()
  })
})

describe('the lifeline', () => {
  const idle = "setInterval(() => {}, 1000); console.log('true')"

  test('a process ends when the lab does', async () => {
    const lab = createServer()
    lab.listen(0, '127.18.1.1')
    await once(lab, 'listening')
    const connected = once(lab, 'connection')
    const child = inPod(idle, { LAB_LIFELINE: `127.18.1.1:${portOf(lab)}` })
    const [[socket]] = await Promise.all([connected, answerOf(child)])
    expect(child.exitCode ?? child.signalCode).toBeNull()
    const exited = once(child, 'exit')
    socket.destroy()
    lab.close()
    expect(await exited).toEqual([null, 'SIGKILL'])
  })

  test('a process that starts after the end of the lab ends at once', async () => {
    const child = inPod(idle, { LAB_LIFELINE: '127.18.1.1:9' })
    expect(await once(child, 'exit')).toEqual([null, 'SIGKILL'])
  })

  test('a process that has done its work is not held', async () => {
    const lab = createServer()
    lab.listen(0, '127.18.1.1')
    await once(lab, 'listening')
    expect(await once(inPod('', { LAB_LIFELINE: `127.18.1.1:${portOf(lab)}` }), 'exit')).toEqual([0, null])
    lab.close()
  })
})

test('without a pod it does nothing', async () => {
  const child = inPod(
    "import net from 'node:net'; const server = net.createServer().listen(0, () => { console.log(JSON.stringify(server.address().address)); server.close() })",
    { LAB_POD_ADDRESS: '' },
  )
  expect(await answerOf(child)).toMatch(/^(::|0\.0\.0\.0)$/)
})
