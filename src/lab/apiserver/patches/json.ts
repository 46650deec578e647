import fastJsonPatch, { type Operation } from 'fast-json-patch'
import { copyOf, type Json } from '../objects.ts'
import { badRequest, StatusError, unprocessable } from '../status.ts'

/** As Kubernetes has it. */
const mostOperations = 10_000
/** How much a patch may copy: copies of copies double. */
const mostCopiedCharacters = 3 * 1024 * 1024

/**
 * A JSON patch (RFC 6902).
 * @throws StatusError 400 when it is none, 413 when it is too much, 422 when it does not apply
 */
export function jsonPatch(target: Json, patch: Json): Json {
  if (!Array.isArray(patch)) throw badRequest('a JSON patch is a list of operations')
  if (patch.length > mostOperations) {
    throw tooLarge(`The allowed maximum operations in a JSON patch is ${mostOperations}, got ${patch.length}`)
  }
  try {
    return applyAll(copyOf(target), patch as unknown as Operation[])
  } catch (error) {
    if (error instanceof StatusError) throw error
    // The library has no class for what it will not do at all: touch prototypes.
    throw unprocessable('the server rejected our request due to an error in our request')
  }
}

function applyAll(target: Json, operations: readonly Operation[]): Json {
  let document = target
  let copied = 0
  for (const [index, operation] of operations.entries()) {
    document = fastJsonPatch.applyOperation(document, operation, true, true, true, index).newDocument
    if (operation.op !== 'copy') continue
    copied += JSON.stringify(fastJsonPatch.getValueByPointer(document, operation.path) ?? null).length
    if (copied > mostCopiedCharacters) throw tooLarge(`a JSON patch may copy ${mostCopiedCharacters} characters`)
  }
  return document
}

function tooLarge(message: string): StatusError {
  return new StatusError(413, 'RequestEntityTooLarge', message)
}
