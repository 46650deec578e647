import { findExecutable } from '../executable.ts'

/**
 * The command, in a terminal of its own, which util-linux' `script` gives it. The size of that terminal does not follow
 * the caller's.
 *
 * @throws when `script` is missing
 */
export function inTerminal(command: readonly string[]): readonly string[] {
  const script = findExecutable('script', process.env.PATH ?? '', '/')
  if (!script) throw new Error('the lab gives commands a terminal by "script" of util-linux, which is not installed')
  return [script, '--quiet', '--flush', '--return', '--command', command.map(quoted).join(' '), '/dev/null']
}

/** For a shell. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`
}
