import { chmodSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import type { Container, KeyToPath, Pod, Volume, VolumeProjection } from 'kubernetes-types/core/v1.d.ts'
import type { Stored } from '../client/index.ts'
import { ConfigurationError, type EnvironmentSources, fieldValue, type ReadData } from './environment.ts'

/** Of files that do not say which: Kubernetes' own. */
const defaultMode = 0o644

/** Who asks for the files of a volume. */
export interface VolumeSources extends Pick<EnvironmentSources, 'nodeAddress' | 'podAddress' | 'readData'> {
  pod: Stored<Pod>
  /** The folder of the pod's volumes. */
  folder: string
}

/** A file of a volume. */
interface VolumeFile {
  path: string
  content: Buffer
  mode: number
}

/** Where a mount of a container is on this machine. */
export interface Mount {
  name: string
  mountPath: string
  path: string
}

/**
 * Makes the volumes of a pod as folders of this machine, with the files that they have now. Folders that were there stay,
 * with what pods have written into them.
 *
 * @throws ConfigurationError when a ConfigMap, a Secret or a key is missing and not optional
 */
export async function makeVolumes(sources: VolumeSources): Promise<void> {
  for (const volume of sources.pod.spec?.volumes ?? []) {
    const folder = join(sources.folder, volume.name)
    mkdirSync(folder, { recursive: true })
    const files = await filesOf(volume, sources)
    if (files) replaceFiles(folder, files)
  }
}

/** The mounts of a container, the longest paths first. */
export function mountsOf({ volumeMounts = [] }: Container, { spec }: Pod, folder: string): Mount[] {
  const mounts = volumeMounts.map(({ name, mountPath, subPath = '' }) => {
    const volume = spec?.volumes?.find((candidate) => candidate.name === name)
    const root = volume?.hostPath?.path ?? join(folder, name)
    return { name, mountPath: mountPath.replace(/(?<=.)\/+$/, ''), path: join(root, inside(subPath)) }
  })
  return mounts.sort((a, b) => b.mountPath.length - a.mountPath.length)
}

/**
 * A text with the paths of mounts replaced by where they are on this machine: processes of the lab have no file system of
 * their own.
 */
export function withMounts(text: string, mounts: readonly Mount[]): string {
  return mounts.reduce((replaced, { mountPath, path }) => {
    const pattern = new RegExp(`(?<![\\w./-])${escaped(mountPath)}(?![\\w.-])`, 'g')
    return replaced.replace(pattern, () => path)
  }, text)
}

/** The files that the cluster puts into a volume; undefined for one that is the pod's own to fill. */
async function filesOf(volume: Volume, sources: VolumeSources): Promise<VolumeFile[] | undefined> {
  const { configMap, secret, downwardAPI, projected } = volume
  if (configMap) return await projectedFiles({ configMap }, configMap.defaultMode, sources)
  if (secret) {
    const { secretName = '', items, optional, defaultMode } = secret
    return await projectedFiles(
      { secret: { name: secretName, ...(items ? { items } : {}), ...(optional === undefined ? {} : { optional }) } },
      defaultMode,
      sources,
    )
  }
  if (downwardAPI) return await projectedFiles({ downwardAPI }, downwardAPI.defaultMode, sources)
  if (!projected) return undefined
  const all = (projected.sources ?? []).map((source) => projectedFiles(source, projected.defaultMode, sources))
  return (await Promise.all(all)).flat()
}

async function projectedFiles(
  { configMap, secret, downwardAPI }: VolumeProjection,
  mode = defaultMode,
  sources: VolumeSources,
): Promise<VolumeFile[]> {
  if (configMap) return await dataFiles('ConfigMap', configMap, mode, sources.readData)
  if (secret) return await dataFiles('Secret', secret, mode, sources.readData)
  return (downwardAPI?.items ?? []).map(({ path, fieldRef, mode: own }) => ({
    path,
    content: Buffer.from(fieldValue(fieldRef?.fieldPath ?? '', sources)),
    mode: own ?? mode,
  }))
}

async function dataFiles(
  kind: 'ConfigMap' | 'Secret',
  { name = '', items, optional = false }: { name?: string; items?: KeyToPath[]; optional?: boolean },
  mode: number,
  readData: ReadData,
): Promise<VolumeFile[]> {
  const data = await readData(kind, name)
  if (!data && !optional) throw new ConfigurationError(`${kind.toLowerCase()} "${name}" not found`)
  const wanted: KeyToPath[] = items ?? Object.keys(data ?? {}).map((key) => ({ key, path: key }))
  return wanted.flatMap(({ key, path, mode: own }) => {
    const value = data && Object.hasOwn(data, key) ? data[key] : undefined
    if (value !== undefined) return { path, content: Buffer.from(value), mode: own ?? mode }
    if (optional) return []
    throw new ConfigurationError(`references non-existent ${kind.toLowerCase()} key: ${key}`)
  })
}

/** Each file is there as a whole or not at all, also while a process reads it. */
function replaceFiles(folder: string, files: readonly VolumeFile[]): void {
  const wanted = new Set(files.map(({ path }) => inside(path)))
  for (const { path, content, mode } of files) {
    const target = join(folder, inside(path))
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(`${target}.new`, content)
    chmodSync(`${target}.new`, mode)
    renameSync(`${target}.new`, target)
  }
  const present = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  for (const entry of present) {
    const path = join(entry.parentPath, entry.name)
    if (!wanted.has(path.slice(folder.length + 1))) rmSync(path, { force: true })
  }
}

/** A relative path that does not lead out of where it begins. */
function inside(path: string): string {
  return normalize(join('/', path)).slice(1)
}

/** For a regular expression. */
function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
}
