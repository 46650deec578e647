import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { repository } from '../../support/project.ts'

/** Where `npm run fetch:kubectl` puts them. */
const kubectlFolder = join(repository, 'node_modules/.cache/kubectl')

export interface Kubectl {
  /** As in `1.32`. */
  version: string
  path: string
}

/** The versions that the script is played with. */
export const kubectlVersions = ['1.28', '1.32', '1.35'] as const

export function kubectlPath(version: string): string {
  return join(kubectlFolder, version, 'kubectl')
}

/** Those that were fetched. @throws with `CI=true`, when one was not */
export function fetchedKubectls(): Kubectl[] {
  const all = kubectlVersions.map((version) => ({ version, path: kubectlPath(version) }))
  const fetched = all.filter(({ path }) => existsSync(path))
  if (process.env.CI && fetched.length < all.length) {
    throw new Error(`There is no kubectl ${kubectlVersions.join(', ')} in ${kubectlFolder}: npm run fetch:kubectl`)
  }
  return fetched
}
