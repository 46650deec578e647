import { readManifests } from './manifest-files.ts'

/**
 * The values of the Secrets in manifests: what pods are given must not become public through them. Manifests that
 * cannot be read have none: whoever applies them says what is wrong.
 */
export function secretsInManifests(paths: readonly string[], root: string): string[] {
  try {
    return readManifests(paths, root)
      .filter(({ object }) => object.kind === 'Secret')
      .flatMap(({ object }) => secretsOf(object as SecretObject))
  } catch {
    return []
  }
}

interface SecretObject {
  data?: Readonly<Record<string, string>>
  stringData?: Readonly<Record<string, string>>
}

function secretsOf({ data = {}, stringData = {} }: SecretObject): string[] {
  const decoded = Object.values(data).map((value) => Buffer.from(value, 'base64').toString())
  return [...Object.values(stringData), ...decoded]
}
