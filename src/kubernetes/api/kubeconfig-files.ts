import { readFileSync } from 'node:fs'
import { delimiter, dirname, resolve } from 'node:path'
import type { KubeConfig, User } from '@kubernetes/client-node'
import { loadPackage } from '../../support/load-package.ts'
import type { ClientLibrary } from './kubeconfig.ts'

/** Says that the credentials are those that Kubernetes gives to the pod that this process runs in. */
export const inCluster = 'in-cluster'

/**
 * Reads kubeconfigs as kubectl does: several files, separated as in KUBECONFIG, are merged, and the first that names
 * something wins. Of several, those that do not exist are passed over.
 *
 * @throws when a file cannot be read
 */
export function readKubeconfigs(library: ClientLibrary, paths: string): KubeConfig {
  const files = paths.split(delimiter).filter((path) => path !== '')
  const read = files.flatMap((path) => {
    try {
      return [readKubeconfig(library, path)]
    } catch (error) {
      if (files.length > 1 && isMissing(error)) return []
      throw error
    }
  })
  const [first, ...others] = read
  if (!first) throw new Error(`none of the files exists: ${files.join(', ') || 'no file is named'}`)
  for (const other of others) {
    first.clusters = merged(first.clusters, other.clusters)
    first.users = merged(first.users, other.users)
    first.contexts = merged(first.contexts, other.contexts)
  }
  return first
}

/**
 * The credentials of the pod that this process runs in, as the only context, which is called `in-cluster`.
 *
 * @param root the folder that holds `/var/run/secrets`; another one than `/` for tests
 * @throws when it does not run in a pod
 */
export function readServiceAccount({ KubeConfig }: ClientLibrary, root = ''): KubeConfig {
  if (!process.env.KUBERNETES_SERVICE_HOST) {
    throw new Error('KUBERNETES_SERVICE_HOST is not set: this process does not run in a pod')
  }
  const kubeconfig = new KubeConfig()
  kubeconfig.loadFromCluster(root)
  kubeconfig.contexts = kubeconfig.contexts.map((context) => ({ ...context, name: inCluster }))
  return kubeconfig
}

function readKubeconfig({ KubeConfig }: ClientLibrary, path: string): KubeConfig {
  const text = readFileSync(path, 'utf8')
  const kubeconfig = new KubeConfig()
  kubeconfig.loadFromString(text)
  const folder = dirname(path)
  kubeconfig.makePathsAbsolute(folder)
  kubeconfig.users = kubeconfig.users.map((user) => complete(user, usersIn(text).get(user.name) ?? {}, folder))
  return kubeconfig
}

/** What the client library does not read of a user. */
interface RawUser {
  tokenFile?: string
  exec?: { command?: string }
}

function complete(user: User, { tokenFile, exec }: RawUser, folder: string): User {
  if (tokenFile !== undefined) {
    const { token: _, ...rest } = user
    return { ...rest, authProvider: { name: 'tokenFile', config: { tokenFile: resolve(folder, tokenFile) } } }
  }
  // A command with a slash is a path, relative to the kubeconfig; one without is found by PATH.
  if (exec?.command?.includes('/')) return { ...user, exec: { ...exec, command: resolve(folder, exec.command) } }
  return user
}

function usersIn(text: string): Map<string, RawUser> {
  const { parse } = loadPackage<typeof import('yaml')>('yaml')
  const { users } = (parse(text) ?? {}) as { users?: Array<{ name: string; user?: RawUser }> }
  return new Map((users ?? []).map(({ name, user = {} }) => [name, user]))
}

function merged<T extends { name: string }>(first: readonly T[], second: readonly T[]): T[] {
  const known = new Set(first.map(({ name }) => name))
  return [...first, ...second.filter(({ name }) => !known.has(name))]
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
