import { basename } from 'node:path'
import { type Lab, startLab } from '../lab/index.ts'
import { isChaosError, messageOf } from '../support/errors.ts'
import { continueLock } from '../undo/locked-target.ts'
import { recoverRun } from '../undo/recovery.ts'
import { concludeOrphan } from './conclude-orphan.ts'
import type { ErrorData, FromGuardian, GuardianOptions, ToGuardian } from './protocol.ts'

/**
 * The guardian of a run: a process of its own session, so that no terminal and no group signal ends it with the command.
 * It owns the run's labs. When the channel to the command closes without a goodbye, the command has died: the guardian
 * kills the workers, undoes what is owed, writes the journal, and ends the labs last.
 */
const options: GuardianOptions = JSON.parse(process.argv[2] ?? '{}')
const labs = new Map<string, Promise<Lab>>()

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)

process.on('message', (message: ToGuardian) => {
  if (message.type === 'start-lab') void start(message.options)
  else if (message.type === 'stop-lab') void stop(message.name)
  else void leave()
})
process.on('disconnect', () => void takeOver())

async function start(lab: Parameters<typeof startLab>[0]): Promise<void> {
  const starting = startLab(lab)
  labs.set(lab.name, starting)
  try {
    tell({ type: 'lab-started', info: (await starting).info })
  } catch (error) {
    labs.delete(lab.name)
    tell({ type: 'lab-failed', name: lab.name, error: dataOf(error) })
  }
}

async function stop(name: string): Promise<void> {
  const lab = labs.get(name)
  labs.delete(name)
  await lab?.then((started) => started.stop()).catch(() => undefined)
  tell({ type: 'lab-stopped', name })
}

async function leave(): Promise<void> {
  process.removeAllListeners('disconnect')
  await Promise.all([...labs.keys()].map(stop))
  process.exit(0)
}

async function takeOver(): Promise<void> {
  // The lock outlives its command for some time: the undo need not wait until it is in hand.
  const lock = continueLock(options.runFolder).catch(() => undefined)
  try {
    await recoverRun(options.runFolder, { by: 'guardian', deadlineMs: options.rollbackMs })
    concludeOrphan(options.runFolder, 'the death of the command')
  } catch (error) {
    console.error(`chaos-test guardian of ${basename(options.runFolder)}: ${messageOf(error)}`)
  }
  await lock.then((held) => held?.release()).catch(() => undefined)
  await leave()
}

function tell(message: FromGuardian): void {
  if (process.connected) process.send?.(message)
}

function dataOf(error: unknown): ErrorData {
  return isChaosError(error)
    ? { code: error.code, message: error.message, verdict: error.verdict }
    : { code: 'CHAOS_LAB_FAILED', message: `The lab could not be started: ${messageOf(error)}`, verdict: 'failed' }
}
