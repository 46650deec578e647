import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Stored } from '../../../src/lab/client/index.ts'
import { podFolder, startKubelet, sweep } from '../../../src/lab/kubelet/index.ts'
import { Launcher } from '../../../src/lab/kubelet/launcher.ts'
import { kill, ProcessLedger } from '../../../src/lab/kubelet/leftovers.ts'
import { startTicksOf } from '../../../src/support/processes.ts'
import { eventually, isReady, runs, startCluster, type TestCluster, urlOf } from './cluster.ts'

let cluster: TestCluster
let home: string
const hosts: ChildProcess[] = []

beforeEach(async () => {
  cluster = await startCluster()
  home = cluster.kubelet.home
})

afterEach(async () => {
  for (const host of hosts.splice(0)) host.kill('SIGKILL')
  sweep(home)
  await cluster.close()
})

/** A kubelet in a process of its own. */
async function startHost(): Promise<ChildProcess> {
  const program = fileURLToPath(new URL('./fixtures/host.ts', import.meta.url))
  const host = spawn(process.execPath, [program, JSON.stringify([cluster.access, cluster.kubelet])], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  hosts.push(host)
  if (!host.stdout) throw new Error('it has no output')
  await once(host.stdout, 'data')
  return host
}

async function endAbruptly(host: ChildProcess): Promise<void> {
  host.kill('SIGKILL')
  await once(host, 'exit')
}

/** The pids that the first container of a pod has written, one a line. */
async function pidsOf(pod: Stored<Pod>, count: number): Promise<number[]> {
  const log = join(podFolder(home, pod), 'main', '0.log')
  const lines = () => readFileSync(log, 'utf8').split('\n').filter(Boolean)
  await cluster.podUntil(pod.metadata.name, isReady)
  await eventually(() => lines().length === count)
  return lines().map(Number)
}

/** A shell with a child, and one in a session of its own. (Kubernetes reads `$$` as an escaped `$`.) */
const family = { image: 'sh', args: ['echo $$$$; sleep 1000 & echo $!; setsid sleep 1000 & echo $!; wait'] }

/** A Node process that a shell has started in the background, in a session of its own. */
const deepNode = { image: 'sh', args: ["echo $$$$; setsid node -e 'setInterval(() => {}, 1000)' & echo $!; wait"] }

async function startWeb(): Promise<number> {
  await cluster.createPod('web', { readinessProbe: { httpGet: { port: 8000 }, periodSeconds: 1 } })
  return Number(await (await fetch(urlOf(await cluster.podUntil('web', isReady), '/pid'))).text())
}

/** The process that waits for the death of a host. */
function reaperOf(host: ChildProcess): number {
  const children = readFileSync(`/proc/${host.pid}/task/${host.pid}/children`, 'utf8').trim().split(' ').map(Number)
  const reaper = children.find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('reaper'))
  if (!reaper) throw new Error('there is no reaper')
  return reaper
}

describe('the death of the process that hosts the kubelet', () => {
  test('SIGKILL: nothing is left, whatever a pod has started', async () => {
    const host = await startHost()
    const reaper = reaperOf(host)
    const web = await startWeb()
    const shell = await pidsOf(await cluster.createPod('shell', family), 3)
    const pids = [web, ...shell]
    expect(pids.filter((pid) => !runs(pid))).toEqual([])
    await endAbruptly(host)
    await eventually(() => ![reaper, ...pids].some(runs))
  })

  test('SIGKILL of its reaper as well: containers and Node processes die, the next start sweeps the rest', async () => {
    const host = await startHost()
    const web = await startWeb()
    const [shell = 0, child = 0, distant = 0] = await pidsOf(await cluster.createPod('shell', family), 3)
    const deep = await pidsOf(await cluster.createPod('deep', deepNode), 2)
    kill(reaperOf(host))
    await endAbruptly(host)
    await eventually(() => ![web, shell, ...deep].some(runs))
    // What only a shell knew of, and is not Node, has no one left to end it.
    expect([child, distant].map(runs)).toEqual([true, true])
    expect(sweep(home)).toBeGreaterThan(0)
    await eventually(() => ![child, distant].some(runs))
    expect(sweep(home)).toBe(0)
  })

  test('stop: nothing is left, and the reaper has gone home', async () => {
    const kubelet = await startKubelet(cluster.access, cluster.kubelet)
    const pids = [await startWeb(), ...(await pidsOf(await cluster.createPod('shell', family), 3))]
    await kubelet.stop()
    await eventually(() => !pids.some(runs))
    expect(readdirSync(join(home, 'processes'))).toEqual([])
  })
})

test('what containers leave behind ends with them, of each that ends in the same moment', async () => {
  const launcher = new Launcher(home)
  const start = (index: number) =>
    launcher.start({
      id: `container-${index}`,
      command: ['sh', '-c', 'setsid sleep 1000 & echo $!; wait'],
      environment: { PATH: process.env.PATH ?? '' },
      directory: '/',
      logPath: join(home, `${index}.log`),
    })
  const running = Array.from({ length: 20 }, (_, index) => start(index))
  const distant = () =>
    running.flatMap((_, index) => readFileSync(join(home, `${index}.log`), 'utf8').match(/\d+/) ?? [])
  await eventually(() => distant().length === running.length)
  const pids = distant().map(Number)
  const [spared = 0, ...condemned] = pids
  for (const one of running.slice(1)) one.signal('SIGKILL')
  await Promise.all(running.slice(1).map(({ ended }) => ended))
  await eventually(() => !condemned.some(runs))
  expect(runs(spared)).toBe(true)
  running[0]?.kill()
  await running[0]?.ended
  await eventually(() => !runs(spared))
})

test('a container that ends leaves one of another lab alone that is named as it is', async () => {
  const other = mkdtempSync(join(tmpdir(), 'kubelet-test-'))
  const [ending, staying] = [home, other].map((owner) =>
    new Launcher(owner).start({
      id: 'prometheus',
      command: ['sleep', '1000'],
      environment: { PATH: process.env.PATH ?? '' },
      directory: '/',
      logPath: join(owner, 'log'),
    }),
  )
  let stays = true
  void staying?.ended.then(() => {
    stays = false
  })
  ending?.kill()
  await ending?.ended
  // Another that ends after it would have been struck by then.
  const later = new Launcher(home).start({
    id: 'later',
    command: ['true'],
    environment: { PATH: process.env.PATH ?? '' },
    directory: '/',
    logPath: join(home, 'log'),
  })
  await later.ended
  expect(stays).toBe(true)
  staying?.kill()
  await staying?.ended
  rmSync(other, { recursive: true })
})

describe('sweep', () => {
  test('leaves the process alone that has a recorded id by chance', () => {
    const other = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' })
    const pid = other.pid ?? 0
    new ProcessLedger(home).add(pid)
    writeFileSync(join(home, 'processes', String(pid)), '1')
    expect(sweep(home)).toBe(0)
    expect(startTicksOf(pid)).toBeDefined()
    other.kill('SIGKILL')
  })

  test('leaves the processes of another lab alone', async () => {
    const other = mkdtempSync(join(tmpdir(), 'kubelet-test-'))
    const running = new Launcher(other).start({
      id: 'other',
      command: ['sleep', '1000'],
      environment: { PATH: process.env.PATH ?? '' },
      directory: '/',
      logPath: join(other, 'log'),
    })
    expect(sweep(home)).toBe(0)
    expect(sweep(other)).toBeGreaterThan(0)
    expect(await running.ended).toMatchObject({ exitCode: 137 })
    rmSync(other, { recursive: true })
  })
})
