import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { Exec, KubeConfig, type V1Status } from '@kubernetes/client-node'
import { Agent, request } from 'undici'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { kubeconfigFor, writeKubeconfig } from '../../../src/lab/apiserver/kubeconfig.ts'
import { findExecutable } from '../../../src/lab/kubelet/executable.ts'
import { type RunningKubelet, startKubelet } from '../../../src/lab/kubelet/index.ts'
import { spdyDictionary } from '../../../src/lab/kubelet/spdy/headers.ts'
import { eventually, isReady, runs, startCluster, type TestCluster } from './cluster.ts'

let cluster: TestCluster
let kubelet: RunningKubelet
let folder: string

beforeAll(async () => {
  cluster = await startCluster()
  kubelet = await startKubelet(cluster.access, cluster.kubelet)
  folder = mkdtempSync(join(tmpdir(), 'exec-'))
  writeKubeconfig(join(folder, 'kubeconfig'), cluster.access)
  await cluster.createPod('web', { env: [{ name: 'COLOUR', value: 'green' }] })
  await cluster.podUntil('web', isReady)
})
afterAll(async () => {
  await kubelet.stop()
  await cluster.close()
  rmSync(folder, { recursive: true, force: true })
})

interface Outcome {
  stdout: string
  stderr: string
  status: V1Status
}

describe('a command in a container, by the client library', () => {
  const config = () => {
    const loaded = new KubeConfig()
    loaded.loadFromString(kubeconfigFor(cluster.access))
    return loaded
  }

  async function run(command: string[], stdin?: Readable, pod = 'web', container = 'main'): Promise<Outcome> {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()]
    const status = Promise.withResolvers<V1Status>()
    const exec = new Exec(config())
    const said = Promise.all([buffer(stdout), buffer(stderr)])
    const socket = await exec.exec(
      'default',
      pod,
      container,
      command,
      stdout,
      stderr,
      stdin ?? null,
      false,
      status.resolve,
    )
    const result = await status.promise
    socket.on('close', () => {
      stdout.end()
      stderr.end()
    })
    const [out, err] = await said
    return { stdout: out.toString(), stderr: err.toString(), status: result }
  }

  test('says what it has to say, on both streams, and how it ended', async () => {
    const { stdout, stderr, status } = await run(['sh', '-c', 'echo $COLOUR; echo bad >&2; exit 7'])
    expect([stdout, stderr]).toEqual(['green\n', 'bad\n'])
    expect(status).toMatchObject({
      status: 'Failure',
      reason: 'NonZeroExitCode',
      details: { causes: [{ reason: 'ExitCode', message: '7' }] },
    })
    expect((await run(['true'])).status.status).toBe('Success')
  })

  test('hears what is said to it, to the end', async () => {
    const { stdout } = await run(['wc', '-c'], Readable.from([Buffer.alloc(300_000), Buffer.alloc(5)]))
    expect(stdout.trim()).toBe('300005')
  })

  test('that is not there is said to be not there', async () => {
    expect((await run(['no-such-program'])).status.message).toBe(
      'Internal error occurred: error executing command in container: failed to exec in container: exec: "no-such-program": executable file not found in $PATH',
    )
  })

  test('ends with its caller', async () => {
    const stdout = new PassThrough()
    const socket = await new Exec(config()).exec(
      'default',
      'web',
      'main',
      ['sh', '-c', 'echo $$; sleep 1000'],
      stdout,
      null,
      null,
      false,
    )
    const [line] = await once(stdout, 'data')
    const pid = Number(line)
    expect(runs(pid)).toBe(true)
    socket.close()
    await eventually(() => !runs(pid))
  })

  test('ends with its container', async () => {
    await cluster.createPod('short', {})
    await cluster.podUntil('short', isReady)
    const running = run(['sleep', '1000'], undefined, 'short')
    await cluster.removePod('short', 0)
    await running.catch(() => undefined)
    await cluster.podGone('short')
  })
})

describe('refused', () => {
  async function ask(path: string, headers: Record<string, string> = {}): Promise<string> {
    const agent = new Agent({ connect: { ca: cluster.access.ca } })
    const { server, token } = cluster.access
    const { statusCode, body } = await request(`${server}/api/v1/namespaces/default/pods/${path}`, {
      dispatcher: agent,
      headers: { authorization: `Bearer ${token}`, ...headers },
    })
    const { message } = (await body.json()) as { message: string }
    await agent.destroy()
    return `${statusCode} ${message}`
  }

  test('is a request that is not upgraded, and what the lab does not have, by its name', async () => {
    expect(await ask('web/exec?command=true&stdout=true')).toBe('400 Upgrade request required')
    expect(await ask('web/attach?stdout=true')).toMatch(/^404 .* the lab does not serve pods\/attach$/)
    expect(await ask('web/portforward?ports=8000')).toBe('400 Upgrade request required')
  })
})

const kubectl = findExecutable('kubectl', process.env.PATH ?? '', '/')

// The versions before 1.31 know SPDY alone; this variable makes the later ones do the same.
describe.skipIf(!kubectl && process.env.CI === undefined).each([
  ['SPDY', { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: 'false' }],
  ['WebSocket', { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: 'true' }],
])('kubectl exec by %s (skipped where it is not installed)', (_protocol, variables) => {
  const exec = (args: string[], input?: Buffer) => runKubectl(['exec', ...args], input)

  async function runKubectl(
    args: string[],
    input?: Buffer,
  ): Promise<{ stdout: string; stderr: string; exitCode: number }> {
    const env = { ...process.env, ...variables, KUBECONFIG: join(folder, 'kubeconfig'), HOME: folder }
    const child = spawn(kubectl ?? 'kubectl', args, { env })
    if (input) Readable.from([input]).pipe(child.stdin)
    else child.stdin.end()
    const [stdout, stderr, [exitCode]] = await Promise.all([
      buffer(child.stdout),
      buffer(child.stderr),
      once(child, 'exit'),
    ])
    return { stdout: stdout.toString(), stderr: stderr.toString(), exitCode }
  }

  test('passes on streams and the exit code', async () => {
    const outcome = await exec(['web', '--', 'sh', '-c', 'echo out; echo err >&2; exit 3'])
    expect(outcome).toMatchObject({ stdout: 'out\n', exitCode: 3 })
    expect(outcome.stderr).toContain('err\n')
    expect(outcome.stderr).toContain('command terminated with exit code 3')
    expect(await exec(['-i', 'web', '--', 'wc', '-c'], Buffer.alloc(500_000))).toMatchObject({
      stdout: '500000\n',
      exitCode: 0,
    })
    const much = await exec(['web', '--', 'head', '-c', '1000000', '/dev/zero'])
    expect(much.stdout).toHaveLength(1_000_000)
  })

  test('says what is refused', async () => {
    expect((await exec(['web', '-c', 'other', '--', 'true'])).stderr).toContain('container')
    expect(await exec(['nobody', '--', 'true'])).toMatchObject({
      exitCode: 1,
      stderr: 'Error from server (NotFound): pods "nobody" not found\n',
    })
  })

  test('is told what to do instead of what the lab does not have', async () => {
    const attached = await runKubectl(['attach', 'web'])
    expect(attached.exitCode).toBe(1)
    expect(attached.stderr).toContain('does not serve pods/attach; use `kubectl logs -f`')
  })
})

test('the dictionary of SPDY/3 is the one of its specification', () => {
  expect(spdyDictionary).toHaveLength(1423)
  expect(spdyDictionary.subarray(0, 11).toString('latin1')).toBe('\0\0\0\x07options')
})
