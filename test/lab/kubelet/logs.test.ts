import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { Agent, request } from 'undici'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loopbackAddress } from '../../../src/lab/addresses.ts'
import { nodes } from '../../../src/lab/client/index.ts'
import { type RunningKubelet, startKubelet } from '../../../src/lab/kubelet/index.ts'
import { type LogOptions, readLog } from '../../../src/lab/kubelet/log-reader.ts'
import { eventually, isReady, nodeName, startCluster, type TestCluster } from './cluster.ts'

describe('through the API', () => {
  let cluster: TestCluster
  let kubelet: RunningKubelet
  let agent: Agent

  beforeAll(async () => {
    cluster = await startCluster()
    agent = new Agent({ connect: { ca: cluster.access.ca } })
    kubelet = await startKubelet(cluster.access, cluster.kubelet)
  })
  afterAll(async () => {
    await kubelet?.stop()
    await agent?.destroy()
    await cluster?.close()
  })

  async function ask(pod: string, query = '') {
    const { server, token } = cluster.access
    const url = `${server}/api/v1/namespaces/default/pods/${pod}/log?${query}`
    return request(url, { dispatcher: agent, headers: { authorization: `Bearer ${token}` } })
  }

  async function logOf(pod: string, query?: string): Promise<string> {
    return (await ask(pod, query)).body.text()
  }

  /** As in `400 what the server says`. */
  async function refusalOf(pod: string, query?: string): Promise<string> {
    const { statusCode, body } = await ask(pod, query)
    const { message } = (await body.json()) as { message: string }
    return `${statusCode} ${message}`
  }

  const shell = (script: string) => ({ image: 'sh', args: [script] })

  test.concurrent('a container has said what it has said', async () => {
    await cluster.createPod('talker', shell('echo one; echo two >&2; echo three; sleep 1000'))
    await eventually(async () => (await logOf('talker').catch(() => '')) === 'one\ntwo\nthree\n')
    expect(await logOf('talker', 'container=main&tailLines=2')).toBe('two\nthree\n')
    expect(await logOf('talker', 'tailLines=2&limitBytes=5')).toBe('two\nt')
    expect(await refusalOf('talker', 'timestamps=true')).toMatch(/^400 the lab keeps no times .* timestamps/)
    expect(await refusalOf('talker', 'tailLines=all')).toBe('400 tailLines must be a whole number, and is "all"')
    expect(await refusalOf('talker', 'previous=true')).toBe(
      '400 previous terminated container "main" in pod "talker" not found',
    )
  })

  test.concurrent('a log is followed to the end of its run', async () => {
    await cluster.createPod('counter', shell('echo 1; sleep 0.3; echo 2'), {
      restartPolicy: 'Never',
    })
    await cluster.podUntil('counter', ({ status }) => status?.phase !== 'Pending')
    expect(await logOf('counter', 'follow=true')).toBe('1\n2\n')
    await cluster.podUntil('counter', ({ status }) => status?.phase === 'Succeeded')
  })

  test.concurrent('a run that crashed has left its log', async () => {
    await cluster.createPod('crasher', shell('echo run of $$$$; exit 1'))
    await cluster.podUntil('crasher', ({ status }) => (status?.containerStatuses?.[0]?.restartCount ?? 0) === 1)
    await eventually(async () => /^run of \d+\n$/.test(await logOf('crasher')))
    // In this order: it may crash again between the two.
    const before = await logOf('crasher', 'previous=true')
    const last = await logOf('crasher')
    expect(before).toMatch(/^run of \d+\n$/)
    expect(before).not.toBe(last)
  })

  test.concurrent('a container that has not run has no log', async () => {
    await cluster.createPod('stuck', { image: 'nothing:v1' })
    await cluster.podUntil('stuck', ({ status }) => status?.containerStatuses?.[0]?.state?.waiting !== undefined)
    expect(await refusalOf('stuck')).toMatch(/^400 container "main" in pod "stuck" is waiting to start: \w+$/)
  })

  test.concurrent('the kubelet tells nobody but the API server', async () => {
    await cluster.podUntil(
      (await cluster.createPod('private', { readinessProbe: { httpGet: { port: 8000 }, periodSeconds: 1 } })).metadata
        .name,
      isReady,
    )
    const { status } = await cluster.client.get(nodes, { name: nodeName })
    const port = status?.daemonEndpoints?.kubeletEndpoint?.Port
    const host = loopbackAddress(`${cluster.kubelet.podRange}.1`)
    const url = `http://${host}:${port}/containerLogs/default/private/main`
    expect((await fetch(url)).status).toBe(401)
    expect((await fetch(url, { headers: { authorization: 'Bearer wrong' } })).status).toBe(401)
    const headers = { authorization: `Bearer ${cluster.access.token}` }
    expect(await (await fetch(url, { headers })).text()).toBe('listening\n')
    expect((await fetch(new URL('/exec/default/private/main', url), { headers })).status).toBe(400)
  })
})

describe('the last lines of a log', () => {
  const folder = mkdtempSync(join(tmpdir(), 'log-test-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  async function read(text: string, options: Partial<LogOptions>): Promise<string> {
    const path = join(folder, 'log')
    writeFileSync(path, text)
    const chunks = await Readable.from(readLog({ path, isOpen: () => false }, { follow: false, ...options })).toArray()
    return Buffer.concat(chunks).toString()
  }

  test.each([
    ['a\nb\nc\n', 2, 'b\nc\n'],
    ['a\nb\nc', 2, 'b\nc'],
    ['a\nb\n', 5, 'a\nb\n'],
    ['a\n\n\n', 2, '\n\n'],
    ['\na\n', 2, '\na\n'],
    ['\na\n', 1, 'a\n'],
    ['a\n', 0, ''],
    ['', 3, ''],
  ])('%j, %i of them', async (text, tailLines, expected) => {
    expect(await read(text, { tailLines })).toBe(expected)
  })

  test('are found however long they are', async () => {
    const [long, longer] = ['x'.repeat(70_000), 'y'.repeat(200_000)]
    const text = `first\n${long}\n${longer}\nlast\n`
    expect(await read(text, { tailLines: 2 })).toBe(`${longer}\nlast\n`)
    expect(await read(text, { tailLines: 3 })).toBe(`${long}\n${longer}\nlast\n`)
    expect(await read(text, { tailLines: 4 })).toBe(text)
    expect(await read(text, { tailLines: 2, limitBytes: 100_000 })).toBe(longer.slice(0, 100_000))
  })
})
