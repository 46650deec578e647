import { formatFailure } from './failure.ts'
import { buildProgram } from './program.ts'

/** The command line. Sets the exit code; it never throws. */
export async function main(args: readonly string[]): Promise<void> {
  let exitCode: number
  try {
    exitCode = await buildProgram(args)
  } catch (error) {
    const failure = formatFailure(error)
    process.stderr.write(`${failure.text}\n`)
    exitCode = failure.exitCode
  }
  // Vitest and undici may leave handles behind; by now nothing is owed and all is written.
  process.stdout.write('', () => process.exit(exitCode))
}
