import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import type { PodTemplateSpec } from 'kubernetes-types/core/v1.d.ts'
import type { ObjectMeta } from 'kubernetes-types/meta/v1.d.ts'
import type { Document } from 'yaml'
import { messageOf, usageError } from '../support/errors.ts'
import { loadPackage } from '../support/load-package.ts'
import type { KubernetesObject } from './client/resources.ts'
import { type ImageCatalogue, resolveImage } from './images.ts'

/** One object of a manifest, and where it stands. */
export interface Manifest {
  object: ManifestObject
  /** `file:line`, the file relative to the project's root. */
  place: string
}

export interface ManifestObject extends KubernetesObject {
  apiVersion: string
  kind: string
  metadata: ObjectMeta & { name: string }
  spec?: { template?: PodTemplateSpec; containers?: unknown }
}

/**
 * The objects of manifests: of files, and of all `.yaml`, `.yml` and `.json` files of folders, in the order of their
 * names. A file may hold many documents, and lists.
 *
 * @param root what relative paths are relative to
 * @throws CHAOS_MANIFEST_NOT_FOUND, CHAOS_MANIFEST_INVALID (usage)
 */
export function readManifests(paths: readonly string[], root: string): Manifest[] {
  return paths.flatMap((path) => filesAt(resolve(root, path), path)).flatMap((file) => manifestsIn(file, root))
}

/**
 * @throws CHAOS_IMAGE_UNKNOWN (usage) when a pod in the manifests asks for an image that is not in the catalogue: the
 *   deployment could never become available
 */
export function requireKnownImages(manifests: readonly Manifest[], images: ImageCatalogue): void {
  for (const { object, place } of manifests) {
    for (const image of imagesOf(object)) {
      try {
        resolveImage(images, image)
      } catch (error) {
        const message = `${place}: ${object.kind} "${object.metadata.name}": ${messageOf(error)}`
        throw usageError('CHAOS_IMAGE_UNKNOWN', message, { cause: error })
      }
    }
  }
}

function filesAt(path: string, asGiven: string): string[] {
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found) {
    throw usageError(
      'CHAOS_MANIFEST_NOT_FOUND',
      `There is no manifest "${asGiven}" (looked for ${path}). Correct "manifests" in the configuration: paths are relative to its folder.`,
    )
  }
  if (!found.isDirectory()) return [path]
  const files = readdirSync(path).filter((name) => /\.(ya?ml|json)$/.test(name))
  if (files.length > 0) return files.sort().map((name) => join(path, name))
  throw usageError(
    'CHAOS_MANIFEST_NOT_FOUND',
    `The folder "${asGiven}" of manifests (${path}) has no .yaml, .yml or .json file. Correct "manifests" in the configuration.`,
  )
}

function manifestsIn(file: string, root: string): Manifest[] {
  const { LineCounter, parseAllDocuments } = loadPackage<typeof import('yaml')>('yaml')
  const lines = new LineCounter()
  const placeAt = (offset: number) => `${relative(root, file)}:${lines.linePos(offset).line}`
  const documents = parseAllDocuments(readFileSync(file, 'utf8'), { lineCounter: lines, prettyErrors: false })
  return documents.flatMap((document: Document.Parsed) => {
    const [error] = document.errors
    if (error) throw invalid(placeAt(error.pos[0]), `is not valid YAML: ${error.message}`)
    return objectsIn(document, placeAt(startOf(document)))
  })
}

function objectsIn(document: Document.Parsed, place: string): Manifest[] {
  const value = parsedValue(document, place)
  if (value === null) return []
  const items = isRecord(value) && Array.isArray(value.items) && value.kind === 'List' ? value.items : [value]
  return items.map((object: unknown) => {
    if (isManifestObject(object)) return { object, place }
    throw invalid(place, 'is no Kubernetes object: it must have "apiVersion", "kind" and "metadata.name".')
  })
}

/** An alias that stands for nothing shows only here. */
function parsedValue(document: Document.Parsed, place: string): unknown {
  try {
    return document.toJS()
  } catch (error) {
    throw invalid(place, `is not valid YAML: ${messageOf(error)}`)
  }
}

function startOf({ contents }: Document.Parsed): number {
  return contents?.range?.[0] ?? 0
}

function invalid(place: string, problem: string): Error {
  return usageError('CHAOS_MANIFEST_INVALID', `${place}: the manifest ${problem}`)
}

function imagesOf({ spec }: ManifestObject): string[] {
  const pod: unknown = spec?.template?.spec ?? spec
  if (!isRecord(pod)) return []
  const containers = [pod.initContainers, pod.containers].flatMap((list: unknown) => (Array.isArray(list) ? list : []))
  return containers.flatMap((container: unknown) =>
    isRecord(container) && typeof container.image === 'string' ? [container.image] : [],
  )
}

function isManifestObject(value: unknown): value is ManifestObject {
  if (!isRecord(value) || typeof value.apiVersion !== 'string' || typeof value.kind !== 'string') return false
  return isRecord(value.metadata) && typeof value.metadata.name === 'string'
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
