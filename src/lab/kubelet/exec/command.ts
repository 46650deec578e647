import type { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import type { Status } from 'kubernetes-types/meta/v1.d.ts'
import { messageOf } from '../../../support/errors.ts'
import { type OpenedProgram, StartError } from '../launcher.ts'
import type { ExecChannels, WantedStreams } from './channels.ts'

/**
 * Runs a command for a caller: passes on what either says, and at the end how it ended. The command is killed when the
 * caller is gone.
 *
 * @param open starts it
 */
export async function runForCaller(
  open: () => OpenedProgram,
  channels: ExecChannels,
  wanted: WantedStreams,
): Promise<void> {
  let program: OpenedProgram
  try {
    program = open()
  } catch (error) {
    await channels.finish(startFailure(error))
    return
  }
  const kill = () => program.kill()
  channels.gone.addEventListener('abort', kill)
  if (channels.gone.aborted) kill()
  if (wanted.stdin) feed(program, channels)
  else program.stdin.end()
  const outputs = [
    passOn(program.stdout, (chunk) => (wanted.stdout ? channels.send('stdout', chunk) : undefined)),
    passOn(program.stderr, (chunk) =>
      wanted.stderr ? channels.send(wanted.tty ? 'stdout' : 'stderr', chunk) : undefined,
    ),
  ]
  const [{ exitCode }] = await Promise.all([program.ended, ...outputs])
  channels.gone.removeEventListener('abort', kill)
  if (!channels.gone.aborted) await channels.finish(statusOf(exitCode))
}

/** A command need not read what it is sent. */
function feed({ stdin }: OpenedProgram, channels: ExecChannels): void {
  stdin.on('error', () => {})
  channels.onStdin((chunk) => {
    if (chunk === undefined) stdin.end()
    else if (stdin.writable) stdin.write(chunk)
  })
}

async function passOn(from: Readable, send: (chunk: Buffer) => Promise<void> | undefined): Promise<void> {
  const reading = async () => {
    for await (const chunk of from) await send(chunk)
  }
  await reading().catch(() => finished(from).catch(() => {}))
}

function statusOf(exitCode: number): Status {
  if (exitCode === 0) return { metadata: {}, status: 'Success' }
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: exit status ${exitCode}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(exitCode) }] },
  }
}

function startFailure(error: unknown): Status {
  const what = error instanceof StartError ? `failed to exec in container: ${error.message}` : messageOf(error)
  return {
    metadata: {},
    status: 'Failure',
    message: `Internal error occurred: error executing command in container: ${what}`,
    reason: 'InternalError',
    details: { causes: [{ message: `error executing command in container: ${what}` }] },
    code: 500,
  }
}
