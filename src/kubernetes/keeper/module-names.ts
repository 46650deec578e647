import { relative, resolve, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** The name of our own undo kinds, wherever they are installed. */
const ownName = 'kubernetes'

/** How a module of undo kinds is called on every machine: ours by name, the project's by its path from the root. */
export function nameOfModule(url: string, root: string, ownUrl: string): string {
  if (url === ownUrl) return ownName
  return `./${relative(root, fileURLToPath(url)).split(sep).join('/')}`
}

/** The URL of a module on this machine. It need not exist. */
export function urlOfModule(name: string, root: string, ownUrl: string): string {
  return name === ownName ? ownUrl : pathToFileURL(resolve(root, name)).href
}
