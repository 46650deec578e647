import { ChaosError } from '../support/errors.ts'

/**
 * What an image means on this machine: a command. `{tag}` in the command and in the environment stands for the tag of
 * the image that the pod asked for.
 */
export interface LocalImage {
  command: readonly string[]
  env?: Readonly<Record<string, string>>
  /** The tags that exist; absent: any. */
  tags?: readonly string[]
}

/** Images by name without a tag (`counter/service2`), or by full reference (`counter/service2:v1`). */
export type ImageCatalogue = Readonly<Record<string, LocalImage>>

/** An image with its tag filled in. */
export interface ResolvedImage {
  command: readonly string[]
  env: Readonly<Record<string, string>>
}

/**
 * The command of an image reference: that of the exact reference, or else of its repository with that tag.
 *
 * @throws CHAOS_IMAGE_UNKNOWN when the catalogue has neither, or does not have the tag
 *
 * @example
 * resolveImage({ 'counter/service2': { command: ['node', 'service2.ts', '{tag}'] } }, 'counter/service2:v4').command
 * // ['node', 'service2.ts', 'v4']
 */
export function resolveImage(catalogue: ImageCatalogue, reference: string): ResolvedImage {
  const { repository, tag } = parseReference(reference)
  const exact = reference === repository ? undefined : entryOf(catalogue, reference)
  const image = exact ?? entryOf(catalogue, repository)
  if (!image) throw unknownImage(reference, `it has ${Object.keys(catalogue).join(', ') || 'none at all'}`)
  if (!exact && image.tags && !image.tags.includes(tag)) {
    throw unknownImage(reference, `the tags of "${repository}" are ${image.tags.join(', ')}`)
  }
  const withTag = (text: string) => text.replaceAll('{tag}', tag)
  const env = Object.entries(image.env ?? {}).map(([name, value]) => [name, withTag(value)])
  return { command: image.command.map(withTag), env: Object.fromEntries(env) }
}

function entryOf(catalogue: ImageCatalogue, name: string): LocalImage | undefined {
  return Object.hasOwn(catalogue, name) ? catalogue[name] : undefined
}

/** `registry:5000/app:v1` is the repository `registry:5000/app` with the tag `v1`; without a tag it is `latest`. */
function parseReference(reference: string): { repository: string; tag: string } {
  const [name = ''] = reference.split('@')
  const colon = name.lastIndexOf(':')
  if (colon <= name.lastIndexOf('/')) return { repository: name, tag: 'latest' }
  return { repository: name.slice(0, colon), tag: name.slice(colon + 1) }
}

function unknownImage(reference: string, found: string): ChaosError {
  return new ChaosError(
    'CHAOS_IMAGE_UNKNOWN',
    `There is no image "${reference}" in the lab: ${found}. Add it to "images" in the configuration, or ask for another.`,
  )
}
