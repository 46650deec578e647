import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { systemClock } from '../../src/support/clock.ts'
import { ChaosError } from '../../src/support/errors.ts'
import type { HealingKind, Undo, UndoKind } from '../../src/undo/types.ts'

/** A target that is a file: as real as any, and cheap. */
interface FileState {
  path: string
  text: string
}

/** The undo that puts a file back to a text. */
export function restoreFile(path: string, text: string): Undo<FileState> {
  return { kind: 'file.text', args: { path, text } }
}

const fileText: UndoKind = {
  kind: 'file.text',
  describe: (args) => `the text of ${(args as FileState).path.split('/').at(-1)} as it was`,
  async undo(args) {
    const { path, text } = args as FileState
    if (!existsSync(path)) return 'target-gone'
    // A file that holds "locked" cannot be changed now; one that holds "forbidden", not by us.
    const present = readFileSync(path, 'utf8')
    if (present === 'locked') throw new Error('the file is locked')
    if (present === 'forbidden') throw new ChaosError('CHAOS_FORBIDDEN', 'Not allowed to change the file.')
    writeFileSync(path, text)
    return 'undone'
  },
}

/** An undo that never answers. */
const hanging: UndoKind = {
  kind: 'file.hanging',
  describe: () => 'something that hangs',
  undo: () => new Promise(() => undefined),
}

/** One that is carried out, and after which the file never comes to rest. */
const restless: UndoKind = { ...fileText, kind: 'file.restless', recovered: () => new Promise(() => undefined) }

/** A file that somebody else puts back. */
const healed: HealingKind = {
  kind: 'file.healed',
  describe: () => 'target is healed',
  async recovered(args, { signal }) {
    const { path, text } = args as FileState
    while (readFileSync(path, 'utf8') !== text) await systemClock.sleep(10, signal)
  },
}

export const undoKinds = [fileText, hanging, restless, healed]

export const fileTargetModule = import.meta.url
