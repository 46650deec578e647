import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { currentSession } from '../session/session.ts'
import { within } from '../support/deadline.ts'
import { ChaosError, messageOf, usageError } from '../support/errors.ts'
import { type Duration, formatMilliseconds, toMilliseconds } from '../support/quantities.ts'

export interface ProcessProbeOptions {
  /** Added to the environment of the run. */
  env?: Record<string, string>
  /** @default the project's root */
  cwd?: string
  /** What it reads from its standard input. */
  input?: string
  /** @default '30s' */
  timeout?: Duration
}

export interface ProcessResult {
  exitCode: number
  stdout: string
  stderr: string
}

/**
 * Runs a program, without a shell. Every exit code is a result.
 *
 * @throws CHAOS_PROCESS_FAILED when it could not be started, was killed, or did not end in time: then it is killed, with
 *   all that it has started
 */
export async function processProbe(
  command: readonly string[],
  options: ProcessProbeOptions = {},
): Promise<ProcessResult> {
  const [program, ...args] = command
  if (!program) throw usageError('CHAOS_BAD_COMMAND', 'A process needs a command: a list with at least one word.')
  const { tracer, signal } = currentSession()
  const timeoutMs = toMilliseconds(options.timeout ?? '30s')
  return await tracer.span('probe process', { 'process.executable.name': program }, async (span) => {
    const { env = {}, cwd } = options
    // A group of its own: what it starts ends with it.
    const child = spawn(program, args, {
      detached: true,
      env: { ...process.env, ...env },
      ...(cwd === undefined ? {} : { cwd }),
    })
    const output = Promise.all([text(child.stdout), text(child.stderr)])
    const closed = once(child, 'close')
    // A program that does not read its input is no failure.
    child.stdin.on('error', () => undefined)
    child.stdin.end(options.input ?? '')
    const timeout = () => failed(program, `it did not end within ${formatMilliseconds(timeoutMs)}, and was killed`)
    const run = async (): Promise<ProcessResult> => {
      const [exitCode, killedBy] = await closed.catch((error: unknown) => {
        throw failed(program, `it could not be started: ${messageOf(error)}`)
      })
      if (exitCode === null) throw failed(program, `it was ended by ${killedBy}`)
      const [stdout, stderr] = await output
      span.setAttributes({ 'process.exit.code': exitCode })
      return { exitCode, stdout, stderr }
    }
    try {
      return await within(timeoutMs, timeout, run, signal())
    } finally {
      if (child.exitCode === null && child.signalCode === null) killGroup(child.pid)
    }
  })
}

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  } catch {
    // It has just ended.
  }
}

function failed(program: string, why: string): ChaosError {
  return new ChaosError('CHAOS_PROCESS_FAILED', `The process "${program}": ${why}.`)
}
