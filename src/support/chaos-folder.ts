import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The folder of a project that keeps what runs and labs leave. */
export function chaosFolder(projectRoot: string): string {
  return join(projectRoot, '.chaos')
}

/**
 * Creates it. Git ignores it, so that nobody commits logs and credentials unawares; a `.gitignore` that is there already
 * stays as it is.
 */
export function createChaosFolder(projectRoot: string): void {
  const folder = chaosFolder(projectRoot)
  mkdirSync(folder, { recursive: true })
  const ignore = join(folder, '.gitignore')
  if (!existsSync(ignore)) writeFileSync(ignore, '*\n')
}
