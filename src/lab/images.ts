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
