import { readdirSync } from 'node:fs'
import { beforeEach, expect, test } from 'vitest'
import { Project } from '../support/project.ts'

const flags = `
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { defineAction } from 'chaos-test/actions'

const path = join(import.meta.dirname, 'flag.txt')
export const readFlag = () => readFileSync(path, 'utf8')

const definition = {
  title: (value) => 'set the flag to ' + value,
  before: async () => readFlag(),
  run: async (value) => writeFileSync(path, value),
  undo: async (before) => writeFileSync(path, before),
  verify: async (before) => readFlag() === before,
}
export const setFlag = defineAction({ kind: 'flag.set', ...definition })
export const setFlagOfCluster = defineAction({
  kind: 'flag.setOfCluster',
  ...definition,
  permissions: () => [{ verb: 'get', group: '', resource: 'configmaps', namespace: 'default' }],
})
`

const ownAction = `
import { expect, hypothesis } from 'chaos-test'
import { readFlag, setFlag } from './flags.ts'

hypothesis('its own action is done and undone', async () => {
  await setFlag('off')
  expect(readFlag()).toBe('off')
})
`

let project: Project

beforeEach(() => {
  project = new Project({
    'chaos.config.ts': `export default { target: 'none', actions: ['flags.ts'] }`,
    'flags.ts': flags,
    'flag.txt': 'on',
  })
})

test('without a cluster, actions of the project act and are undone, and no lab is started', async () => {
  project.write({ 'a.chaos.ts': ownAction })
  const { exitCode, stdout } = await project.run([])
  expect(exitCode, stdout).toBe(0)
  expect(project.read('flag.txt')).toBe('on')
  expect(project.list('.chaos/latest').filter((name) => name.startsWith('lab'))).toEqual([])
  expect(project.experiments()).toEqual([
    expect.objectContaining({ 'chaos-test': expect.objectContaining({ target: null, verdict: 'held' }) }),
  ])
})

test('a dry run says what such an action would do, and does not do it', async () => {
  project.write({ 'a.chaos.ts': ownAction.replace("expect(readFlag()).toBe('off')", '') })
  const { exitCode, stdout } = await project.run(['--dry-run'])
  expect(exitCode, stdout).toBe(0)
  expect(stdout).toContain('set the flag to off')
  expect(project.read('flag.txt')).toBe('on')
})

test.for([
  ['a handle', `kubernetes.deployment('web').restart()`],
  ['a handle with a namespace', `kubernetes.deployment('web', { namespace: 'shop' }).status()`],
  ['an object', `kubernetes.object({ apiVersion: 'v1', kind: 'ConfigMap', name: 'settings' }).find()`],
  ['users of a service', `traffic({ url: kubernetes.service('web').url('/'), rate: '10/s' }).for('1s')`],
  ['an action that needs something of one', `setFlagOfCluster('off')`],
])('what needs a cluster breaks the hypothesis: %s', async ([, use]) => {
  project.write({
    'a.chaos.ts': `
      import { hypothesis, kubernetes, traffic } from 'chaos-test'
      import { setFlagOfCluster } from './flags.ts'
      hypothesis('acts on a cluster', async () => { await ${use} })
    `,
  })
  const { exitCode } = await project.run([])
  expect(exitCode).toBe(5)
  expect(project.experiments()).toEqual([
    expect.objectContaining({ 'chaos-test': expect.objectContaining({ code: 'CHAOS_NO_CLUSTER' }) }),
  ])
  expect(project.read('flag.txt')).toBe('on')
})

test('files act one after the other: nobody knows whether they act on the same', async () => {
  const overlapping = `
    import { existsSync, rmSync, writeFileSync } from 'node:fs'
    import { expect, hypothesis } from 'chaos-test'
    hypothesis('is alone', async () => {
      expect(existsSync('busy')).toBe(false)
      writeFileSync('busy', '')
      await new Promise((resolve) => setTimeout(resolve, 300))
      rmSync('busy')
    })
  `
  project.write({ 'a.chaos.ts': overlapping, 'b.chaos.ts': overlapping })
  const { exitCode, stdout } = await project.run([])
  expect(exitCode, stdout).toBe(0)
})

test('the command line names it, too, and the other commands know it', async () => {
  project.write({ 'chaos.config.ts': `export default { actions: ['flags.ts'] }`, 'a.chaos.ts': ownAction })
  const played = await project.run(['--target', 'none'])
  expect(played.exitCode, played.stdout).toBe(0)
  expect(readdirSync(project.path('.chaos/latest/')).filter((name) => name.startsWith('lab'))).toEqual([])

  const doctor = await project.run(['doctor', '--target', 'none'])
  expect(doctor.exitCode, doctor.stdout).toBe(0)
  expect(doctor.stdout).toMatch(/target +no cluster/)

  const init = await project.run(['init', '--target', 'none'])
  expect(init).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('[CHAOS_NOTHING_TO_BEGIN_WITH]') })
  const rbac = await project.run(['rbac'])
  expect(rbac).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('no spec file on a cluster') })
})
