import { once } from 'node:events'
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { labOverview } from '../../src/lab/index.ts'
import { Project } from '../support/project.ts'
import { ended, ownersOf, Shop } from './shop.ts'

const onShop = ['--target', 'lab:shop']

test('a lab that is left running is a target by its name, and is left as it was', async () => {
  const shop = new Shop()
  const lab = await shop.labUp()
  const before = await shop.template()

  const again = await shop.run(['lab', 'up', 'shop', '--detach'])
  expect(again).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/is up already.*KUBECONFIG=.*lab:shop/s) })
  const kubeconfig = (await shop.run(['lab', 'kubeconfig', 'shop'])).stdout.trim()
  expect(statSync(kubeconfig).mode & 0o777).toBe(0o600)
  expect(await labOverview(kubeconfig)).toMatchObject({
    deployments: [{ namespace: 'default', name: 'web', desired: 1, ready: 1, images: ['shop/web:v1'] }],
    pods: [{ namespace: 'default', phase: 'Running', ready: true, restarts: 0 }],
  })
  const { stdout: picture } = await shop.run(['lab', 'status'])
  expect(picture).toMatch(
    /^shop +up for .*, pid \d+, slot \d+\n(.*\n)* +default\/web +1\/1 ready +shop\/web:v1\n(.*\n)* +default\/web-\S+ +Running\n$/,
  )

  const run = await shop.run(onShop)
  expect(run, run.stdout).toMatchObject({ exitCode: 0, stderr: '' })
  expect(await shop.template()).toEqual(before)
  expect(shop.lab()).toEqual(lab)
  // The spans of this run, and not those that the lab had collected before.
  const traces = shop.read('.chaos/latest/traces.json')
  expect(traces).toContain('start of v2')
  expect(traces.match(/start of v1/g) ?? []).toHaveLength(1)

  expect(await shop.run(['lab', 'down', 'shop'])).toMatchObject({ exitCode: 0, stderr: '' })
  await expect.poll(() => shop.processes(), { timeout: 10_000 }).toEqual([])
  expect(shop.list('.chaos/labs')).toEqual([])
  expect(await shop.run(onShop)).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('CHAOS_NO_SUCH_LAB') })
})

test('one run at a time: the second is refused with the name of the first', async () => {
  const shop = new Shop()
  await shop.labUp()
  const first = await shop.startActing()
  const { run, command } = ownersOf(shop)

  const second = await shop.run(onShop)
  expect(second.exitCode).toBe(2)
  expect(second.stderr).toMatch(new RegExp(`run ${run} \\(process ${command.pid}\\) since .*\\[CHAOS_TARGET_LOCKED\\]`))
  expect(shop.list('.chaos/runs')).toEqual([run])
  expect((await shop.run(['lab', 'status'])).stdout).toContain(`in use by run ${run}`)

  first.process.kill('SIGINT')
  expect((await first.ended).exitCode).toBe(130)
  expect((await shop.run(['lab', 'status', '--json'])).stdout).not.toContain('heldBy')
})

test('the command is killed: the guardian puts the lab back and lets go of it, and the lab lives on', async () => {
  const shop = new Shop()
  const lab = await shop.labUp()
  const before = await shop.template()
  const command = await shop.startActing()
  expect(await shop.template()).not.toEqual(before)
  const { guardian } = ownersOf(shop)
  command.process.kill('SIGKILL')
  await expect.poll(() => shop.template(), { timeout: 15_000 }).toEqual(before)
  await ended(guardian)

  await goesOnAfter(shop)
  expect(shop.lab()).toEqual(lab)
})

test('everything but the lab is killed: recover names what is owed, and puts it back', async () => {
  const shop = new Shop()
  await shop.labUp()
  const before = await shop.template()
  const run = await killAllOf(shop)
  expect(await shop.template()).not.toEqual(before)

  const { stdout } = await shop.run(['recover', '--list'])
  expect(stdout).toMatch(new RegExp(`the pod template of deployment/web.*shop.*${run}`))
  expect(await shop.run(['recover'])).toMatchObject({ exitCode: 0 })
  expect(await shop.template()).toEqual(before)
  await goesOnAfter(shop)
})

test('everything but the lab is killed: the next run on it puts it back before it acts', async () => {
  const shop = new Shop()
  await shop.labUp()
  const before = await shop.template()
  await killAllOf(shop)
  await goesOnAfter(shop)
  expect(await shop.template()).toEqual(before)
})

test('the lab is killed, too: nothing is owed to it any more, and its name is free again', async () => {
  const shop = new Shop()
  const lab = await shop.labUp()
  const run = await killAllOf(shop)
  process.kill(lab.process.pid, 'SIGKILL')
  await ended(lab.process)
  await expect.poll(() => shop.processes(), { timeout: 10_000 }).toEqual([])

  expect((await shop.run(['lab', 'status'])).stdout).toMatch(/^shop +gone: its process has died/)
  expect(await shop.run(onShop)).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('has died') })
  expect(await shop.run(['recover'])).toMatchObject({ exitCode: 0 })
  const log = readFileSync(join(shop.path('.chaos/runs'), run, 'logs', 'rollout.chaos.ts.ndjson'), 'utf8')
  expect(log).toMatch(/"record":"settled".*"outcome":"target-gone"/)

  expect((await shop.labUp()).process).not.toEqual(lab.process)
  expect(await shop.run(['lab', 'down', 'shop'])).toMatchObject({ exitCode: 0 })
})

test('a lab that hangs is killed with all its pods', async () => {
  const shop = new Shop()
  const lab = await shop.labUp()
  process.kill(lab.process.pid, 'SIGSTOP')
  const { exitCode, stdout } = await shop.run(['lab', 'down', 'shop'])
  expect({ exitCode, stdout }).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('was killed') })
  await expect.poll(() => shop.processes(), { timeout: 10_000 }).toEqual([])
})

test('a lab whose folder is deleted ends: nobody could find it any more', async () => {
  const shop = new Shop()
  await shop.labUp()
  rmSync(shop.path('.chaos'), { recursive: true })
  await expect.poll(() => shop.processes(), { timeout: 30_000 }).toEqual([])
})

test('a lab in the foreground has a name, too, and ends with its command or by its name', async () => {
  const shop = new Shop()
  const foreground = shop.start(['lab', 'up', 'shop'])
  await expect.poll(() => foreground.stdout, { timeout: 30_000 }).toContain('Ctrl-C ends it')
  expect(await shop.run(['lab', 'up', 'shop'])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('CHAOS_LAB_RUNNING'),
  })
  expect(await shop.run(['lab', 'down', 'shop'])).toMatchObject({ exitCode: 0 })
  expect(await foreground.ended).toMatchObject({ exitCode: 0, stderr: expect.not.stringContaining('CHAOS_') })

  const other = shop.start(['lab', 'up', 'shop'])
  await expect.poll(() => other.stdout, { timeout: 30_000 }).toContain('Ctrl-C ends it')
  process.kill(-(other.process.pid ?? 0), 'SIGINT')
  expect(await once(other.process, 'exit')).toEqual([0, null])
  await expect.poll(() => shop.processes(), { timeout: 10_000 }).toEqual([])
  expect(shop.list('.chaos/labs')).toEqual([])
})

test.each([
  [['lab', 'up', '--detach'], 'CHAOS_LAB_NOT_NAMED'],
  [['lab', 'up', '../shop', '--detach'], 'CHAOS_BAD_LAB_NAME'],
  [['lab', 'down', 'shop'], 'CHAOS_NO_SUCH_LAB'],
  [['lab', 'kubeconfig', '../shop'], 'CHAOS_NO_SUCH_LAB'],
  [['lab', 'status', 'shop'], 'CHAOS_NO_SUCH_LAB'],
  [['--target', 'lab:shop'], 'CHAOS_NO_SUCH_LAB'],
  [['--target', 'shop'], 'CHAOS_BAD_TARGET'],
  [['--target', 'lab:Shop 1'], 'CHAOS_BAD_TARGET'],
  [['--target', 'lab:shop', '--context', 'staging'], 'CHAOS_TWO_TARGETS'],
  [['--target', 'lab:shop', '--namespace', 'shop'], 'CHAOS_TARGET_NOT_NAMED'],
])('%j is refused with %s', async (args, code) => {
  const project = new Project({
    'a.chaos.ts': `import { hypothesis } from 'chaos-test'\nhypothesis('holds', async () => {})\n`,
  })
  const { exitCode, stderr } = await project.run(args)
  expect(exitCode).toBe(2)
  expect(stderr).toContain(`[${code}]`)
  expect(existsSync(project.path('.chaos/latest'))).toBe(false)
})

test('the config names the lab that runs act on, by a name that a lab can have', async () => {
  const project = new Project({
    'a.chaos.ts': `import { hypothesis } from 'chaos-test'\nhypothesis('holds', async () => {})\n`,
    'chaos.config.ts': `export default { target: { lab: 'shop' } }`,
  })
  expect((await project.run([])).stderr).toMatch(/The lab "shop" of .* is not there.*\[CHAOS_NO_SUCH_LAB\]/)
  project.write({ 'chaos.config.ts': `export default { target: { lab: 'My Shop' } }` })
  expect((await project.run([])).stderr).toMatch(/target\.lab: expected the name of a lab: small letters/)
})

/** Starts a run on the lab, and kills its command, its worker and its guardian in the middle of it. @returns its id */
async function killAllOf(shop: Shop): Promise<string> {
  const command = await shop.startActing()
  const { guardian, run } = ownersOf(shop)
  process.kill(guardian.pid, 'SIGKILL')
  process.kill(-(command.process.pid ?? 0), 'SIGKILL')
  await command.ended
  await ended(guardian)
  return run
}

/** The lab can be used again. */
async function goesOnAfter(shop: Shop): Promise<void> {
  shop.remove('wait')
  const run = await shop.run(onShop)
  expect(run, run.stdout).toMatchObject({ exitCode: 0, stderr: '' })
}
