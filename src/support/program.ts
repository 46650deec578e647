import { fileURLToPath } from 'node:url'

/**
 * The path of a program of ours that runs in a process of its own, beside the module that starts it: TypeScript when we
 * run from source, JavaScript when we run from `dist`.
 *
 * @example
 * spawn(process.execPath, [programBeside(import.meta.url, 'main')])
 */
export function programBeside(moduleUrl: string, name: string): string {
  const extension = moduleUrl.endsWith('.ts') ? 'ts' : 'js'
  return fileURLToPath(new URL(`./${name}.${extension}`, moduleUrl))
}
