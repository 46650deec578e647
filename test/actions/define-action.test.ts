import { describe, expect, test } from 'vitest'
import { Project } from '../support/project.ts'

// With the real command: what a project defines itself has the guarantees of what we define.

const actions = `
import { readFileSync, writeFileSync } from 'node:fs'
import { defineAction } from 'chaos-test/actions'

const read = (path) => readFileSync(path, 'utf8')

export const write = defineAction({
  kind: 'file.write',
  title: ({ path, text }) => \`write \${text} to \${path.split('/').at(-1)}\`,
  before: async ({ path }) => read(path),
  run: async ({ path, text }) => {
    writeFileSync(path, text)
    return text.length
  },
  undo: async (before, { path }) => {
    if (read(path) !== 'stuck') writeFileSync(path, before)
  },
  verify: async (before, { path }) => read(path) === before,
})

export const forbidden = defineAction({
  kind: 'file.forbidden',
  title: () => 'act in kube-system',
  impact: () => ({ objects: [{ kind: 'pod', namespace: 'kube-system', name: 'dns' }] }),
  before: async () => null,
  run: async () => { throw new Error('it acted') },
  undo: async () => undefined,
  verify: async () => true,
})
`

const spec = (body: string) => `
import { join } from 'node:path'
import { readFileSync } from 'node:fs'
import { expect, hypothesis } from 'chaos-test'
import { forbidden, write } from '../actions.ts'

const path = join(process.cwd(), 'target.txt')
hypothesis('a text is written', async () => {
  ${body}
})
`

const project = (body: string, actionsText = actions) =>
  new Project({
    'chaos.config.ts': `export default { actions: ['actions.ts'] }\n`,
    'actions.ts': actionsText,
    'target.txt': 'v1',
    'specs/a.chaos.ts': spec(body),
  })

describe('an action of the project', () => {
  test('is done, told, and undone', async () => {
    const own = project(
      `expect(await write({ path, text: 'v2' })).toBe(2); expect(readFileSync(path, 'utf8')).toBe('v2')`,
    )
    const { exitCode, stdout, stderr } = await own.run([])
    expect({ exitCode, stdout, stderr }).toMatchObject({ exitCode: 0 })
    expect(own.read('target.txt')).toBe('v1')
    const [journal] = own.experiments()
    expect(journal?.['chaos-test']).toMatchObject({
      actions: [
        {
          title: 'write v2 to target.txt',
          before: { text: 'v2' },
          undo: { title: 'what "write v2 to target.txt" has changed, as before', status: 'undone' },
        },
      ],
    })
  })

  test('that is not as before, by its own word, is owed', async () => {
    const own = project(`await write({ path, text: 'stuck' })`)
    own.write({ 'short.config.ts': `export default { actions: ['actions.ts'], timeouts: { rollback: '1s' } }` })
    const { exitCode, stdout } = await own.run(['--config', 'short.config.ts'])
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 6, stdout: expect.stringContaining('verify()') })
    own.write({ 'target.txt': 'v2' })
    expect((await own.run(['recover'])).exitCode).toBe(0)
    expect(own.read('target.txt')).toBe('v1')
  })

  test('is kept to the limits of the config', async () => {
    const own = project('await forbidden({})')
    const { exitCode, stdout } = await own.run([])
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 5, stdout: expect.stringContaining('kube-system') })
  })

  test('of a module that exports none is a mistake', async () => {
    const own = project('expect(1).toBe(1)', 'export const write = 1, forbidden = 2')
    const { exitCode, stdout, stderr } = await own.run([])
    expect(exitCode).not.toBe(0)
    expect(`${stdout}${stderr}`).toContain('exports neither "undoKinds" nor an action')
  })
})
