import type { Project } from './project.ts'

export interface FileSpecOptions {
  /** A lab is started where it, or its end, belongs to what is tested. */
  target?: 'none' | 'lab'
}

/**
 * A project whose hypotheses act on a file: as real as any target, and cheap. `target.txt` holds `v1`.
 *
 * @param hypotheses the body of the spec file, after its imports; `setTarget(text)` changes the file
 */
export function addFileSpec(
  project: Project,
  name: string,
  hypotheses: string,
  { target = 'none' }: FileSpecOptions = {},
): void {
  project.write({
    'chaos.config.ts': `export default { target: '${target}', actions: ['actions.ts'] }\n`,
    'actions.ts': actions,
    'target.txt': 'v1',
    [name]: `${imports}\n${hypotheses}\n`,
  })
}

const actions = `
import { readFileSync, writeFileSync } from 'node:fs'

export const undoKinds = [
  {
    kind: 'file.text',
    describe: () => 'the text of target.txt as it was',
    async undo({ path, text }) {
      if (readFileSync(path, 'utf8') === 'locked') throw new Error('target.txt is locked')
      writeFileSync(path, text)
      return 'undone'
    },
  },
]
`

const imports = `
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, finding, hypothesis, perform, rollback, steadyState } from 'chaos-test'

const path = join(process.cwd(), 'target.txt')
const readTarget = () => readFileSync(path, 'utf8')
const setTarget = (text: string) =>
  perform({ kind: 'file.text', args: { path, text: readTarget() } }, { title: 'write ' + text }, async () =>
    writeFileSync(path, text),
  )
/** Tells the test that this point is reached: whole or not at all, since it is waited for. */
const reached = (name: string) => {
  writeFileSync(join(process.cwd(), name + '.tmp'), String(process.pid))
  renameSync(join(process.cwd(), name + '.tmp'), join(process.cwd(), name))
}
const forever = () => new Promise<never>(() => {})
`
