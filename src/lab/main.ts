/**
 * The program of a lab. Its owner speaks to it over IPC and, by doing so, keeps it alive: when the channel closes, for
 * whatever reason, the lab ends and every pod with it, unless the owner has let it go: then it owns itself, and lives
 * until a signal ends it, or its home is deleted: then nobody could find it any more.
 */
import { existsSync } from 'node:fs'
import { failureOf, type LabMessage, type OwnerMessage } from './messages.ts'
import { LabParts } from './parts.ts'
import type { LabOptions } from './process.ts'

/** The longest that an orderly end may take; pods that are left are then ended by the kubelet's reaper. */
const endTimeoutMs = 5_000

/** How often a lab that owns itself looks whether its home is there. */
const lookHomeMs = 2_000

const lab = new LabParts()

async function begin(options: LabOptions): Promise<void> {
  try {
    tell({ ready: await lab.start(options) })
  } catch (error) {
    console.error(error)
    tell({ failed: failureOf(error) })
    // Its owner hangs up when it has heard this: that is the end.
    setTimeout(() => void end(1), endTimeoutMs)
    await lab.stop()
  }
}

function tell(message: LabMessage): void {
  if (process.connected) process.send?.(message)
}

async function end(exitCode: number): Promise<void> {
  setTimeout(() => process.exit(exitCode), endTimeoutMs).unref()
  await lab.stop()
  process.exit(exitCode)
}

const abandoned = () => void end(0)

function ownItself(home: string): void {
  process.off('disconnect', abandoned)
  process.disconnect()
  const looking = setInterval(() => {
    if (existsSync(home)) return
    clearInterval(looking)
    void end(0)
  }, lookHomeMs)
}

let home = ''
process.on('message', (message: OwnerMessage) => {
  if ('start' in message) {
    home = message.start.home
    void begin(message.start)
  } else ownItself(home)
})
process.once('disconnect', abandoned)
process.once('SIGTERM', () => void end(0))
process.on('SIGINT', () => {
  // Ctrl-C is the owner's to answer, as long as there is one.
  if (!process.connected) void end(130)
})
