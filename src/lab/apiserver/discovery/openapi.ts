import { modelledVersion } from '../version.ts'

/*
 * kubectl asks for the OpenAPI description as a protobuf `openapi.v2.Document` (gnostic) before it applies anything.
 * With one that describes nothing it leaves validation to the server and computes patches from its own types.
 */

/** A field of a protobuf message: its number, and its value as text or as a message. */
function field(number: number, value: string | Buffer): Buffer {
  const bytes = Buffer.from(value as string)
  return Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes])
}

const swaggerField = 1
const infoField = 2
const pathsField = 8
const definitionsField = 9
const titleField = 1
const infoVersionField = 2

const info = Buffer.concat([field(titleField, 'Kubernetes'), field(infoVersionField, modelledVersion.gitVersion)])

/** An OpenAPI document without paths and definitions. */
export const emptyOpenApi: Buffer = Buffer.concat([
  field(swaggerField, '2.0'),
  field(infoField, info),
  field(pathsField, ''),
  field(definitionsField, ''),
])
