import { spawnSync } from 'node:child_process'
import { ChaosError } from '../../support/errors.ts'
import { findExecutable } from './executable.ts'

/**
 * Refuses a machine on which the promises of the lab cannot be kept.
 *
 * @throws CHAOS_LAB_UNSUPPORTED_PLATFORM anywhere but on Linux, which alone gives a process every address of 127.0.0.0/8
 *   and lets it die with its parent
 */
export function requireSupportedPlatform(platform: NodeJS.Platform = process.platform): void {
  if (platform === 'linux') return
  throw new ChaosError(
    'CHAOS_LAB_UNSUPPORTED_PLATFORM',
    `The lab runs on Linux only, and this is "${platform}": it gives each pod an address of 127.0.0.0/8, and makes ` +
      'sure that no process outlives it, by means that only Linux has. Run it in a Linux virtual machine, or name a ' +
      'Kubernetes cluster as the target.',
  )
}

/**
 * The words to put before a command so that the kernel kills it when the lab dies. The command keeps its process id.
 * None where util-linux' setpriv is missing or too old.
 *
 * The kernel watches the thread that started the process: start processes from the main thread.
 */
export function diesWithParent(): readonly string[] {
  knownPrefix ??= findPrefix()
  return knownPrefix
}

let knownPrefix: readonly string[] | undefined

function findPrefix(): readonly string[] {
  const setpriv = findExecutable('setpriv', process.env.PATH ?? '', '/')
  if (!setpriv) return []
  const prefix = ['--pdeathsig', 'SIGKILL', '--']
  const { status } = spawnSync(setpriv, [...prefix, 'true'], { stdio: 'ignore' })
  return status === 0 ? [setpriv, ...prefix] : []
}
