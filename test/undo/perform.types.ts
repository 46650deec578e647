import { awaitRecovery, irreversible, perform } from '../../src/index.ts'

// Held to by tsc (npm run check:types) and never run: an action without an undo does not compile.

const undo = { kind: 'flag.set', args: { flag: 'checkout', value: true } }
const description = { title: 'switch the flag checkout off' }
const act = async () => 42

export const compiles = [
  (): Promise<number> => perform(undo, description, act),
  (): Promise<number> => perform(awaitRecovery({ kind: 'queue.drained', args: {} }), description, act),
  (): Promise<number> => perform(irreversible('a sent e-mail stays sent'), description, act),
]

export const doesNotCompile = [
  // @ts-expect-error there is no undo
  () => perform(description, act),
  // @ts-expect-error nothing is no undo
  () => perform(undefined, description, act),
  // @ts-expect-error an undo is data with a name, not a function
  () => perform(() => undefined, description, act),
  // @ts-expect-error what cannot be undone needs a reason
  () => perform(irreversible(), description, act),
]
