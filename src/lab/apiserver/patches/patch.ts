import { objectFrom, parseJson, parseYamlText } from '../http/body.ts'
import type { Json, JsonObject } from '../objects.ts'
import type { Schema } from '../schemas/schema.ts'
import { unsupportedMediaType } from '../status.ts'
import { jsonPatch } from './json.ts'
import { mergePatch } from './merge.ts'
import { strategicMergePatch } from './strategic.ts'

/** Server-side apply: the one patch that creates what is not there. */
export const applyPatchType = 'application/apply-patch+yaml'

/** A patch that has been read, ready to be applied any number of times. */
export type Patch = (object: JsonObject) => JsonObject

type PatchReader = (body: string, schema: Schema) => Patch

const readers: Readonly<Record<string, PatchReader>> = {
  'application/json-patch+json': (body) => {
    const patch = parseJson(body)
    return (object) => objectFrom(jsonPatch(object, patch))
  },
  'application/merge-patch+json': (body) => {
    const patch = objectFrom(parseJson(body))
    return (object) => objectFrom(mergePatch(object, patch))
  },
  'application/strategic-merge-patch+json': (body, schema) => strategic(parseJson(body), schema),
  [applyPatchType]: (body, schema) => strategic(parseYamlText(body), schema),
}

/** @throws StatusError 400 when the body is no such patch, 415 when there is no such kind of patch */
export function readPatch(contentType: string, body: string, schema: Schema): Patch {
  const read = Object.hasOwn(readers, contentType) ? readers[contentType] : undefined
  if (!read) throw unsupportedMediaType(Object.keys(readers))
  return read(body, schema)
}

function strategic(body: Json, schema: Schema): Patch {
  const patch = objectFrom(body)
  return (object) => strategicMergePatch(object, patch, schema)
}
