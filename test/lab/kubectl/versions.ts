import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { repository } from '../../support/project.ts'

/** Where `npm run test:kubectl` puts them. */
export const kubectlFolder = join(repository, 'node_modules/.cache/kubectl')

export interface Kubectl {
  /** As in `1.32`. */
  version: string
  path: string
}

/** The versions of kubectl that were fetched. */
export function fetchedKubectls(): Kubectl[] {
  if (!existsSync(kubectlFolder)) return []
  const versions = readdirSync(kubectlFolder).sort()
  return versions.map((version) => ({ version, path: join(kubectlFolder, version, 'kubectl') }))
}
