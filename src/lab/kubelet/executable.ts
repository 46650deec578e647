import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, resolve } from 'node:path'

/** The file that a command runs, as a shell would find it, or `undefined`. */
export function findExecutable(command: string, searchPath: string, directory: string): string | undefined {
  const folders = command.includes('/') ? [''] : searchPath.split(delimiter)
  return folders.map((folder) => resolve(directory, folder, command)).find(isExecutable)
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}
