import { expect, test } from 'vitest'
import { addFileSpec } from '../support/file-specs.ts'
import { Project } from '../support/project.ts'

/** `prlimit` of util-linux: from here on, this worker cannot let a file grow, as on a disk that is full. */
const diskFull = `
  const { execFileSync } = await import('node:child_process')
  const { statSync, readdirSync } = await import('node:fs')
  const runs = join(process.cwd(), '.chaos/runs')
  const log = join(runs, readdirSync(runs)[0], 'logs', 'a.chaos.ts.ndjson')
  const limitDisk = (roomBytes) =>
    execFileSync('prlimit', ['--pid', String(process.pid), '--fsize=' + (statSync(log).size + roomBytes)])
`

test.for([0, 40, 200])('with %i bytes left on the disk, an action is refused before it starts', async (roomBytes) => {
  const project = new Project()
  addFileSpec(
    project,
    'a.chaos.ts',
    `
    hypothesis('acts on a full disk', async () => {
      ${diskFull}
      limitDisk(${roomBytes})
      await perform({ kind: 'file.text', args: { path, text: 'v1', padding: 'x'.repeat(300) } }, { title: 'act' }, async () =>
        reached('acted'),
      )
    })
  `,
  )
  const { exitCode } = await project.run([])
  expect(project.list('.')).not.toContain('acted')
  expect({ exitCode, target: project.read('target.txt') }).toEqual({ exitCode: 5, target: 'v1' })
})

test('a disk that fills up after the action keeps the target from nothing', async () => {
  const project = new Project()
  addFileSpec(
    project,
    'a.chaos.ts',
    `
    hypothesis('fills the disk', async () => {
      ${diskFull}
      await setTarget('v2')
      limitDisk(0)
    })
  `,
  )
  const { exitCode, stdout } = await project.run([])
  expect({ exitCode, target: project.read('target.txt') }).toEqual({ exitCode: 5, target: 'v1' })
  expect(stdout).not.toContain('1 held')
})
