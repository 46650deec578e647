import { VERSION } from '../version.ts'

/*
 * kubectl asks for the OpenAPI description as a protobuf `openapi.v2.Document` (gnostic) before it applies anything.
 * With one that describes nothing it leaves validation to the server and computes patches from its own types.
 */

/** A field of a protobuf message: its number, and its value as text or as a message. */
function field(number: number, value: string | Buffer): Buffer {
  const bytes = Buffer.from(value as string)
  return Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes])
}

const SWAGGER = 1
const INFO = 2
const PATHS = 8
const DEFINITIONS = 9
const TITLE = 1
const INFO_VERSION = 2

const info = Buffer.concat([field(TITLE, 'Kubernetes'), field(INFO_VERSION, VERSION.gitVersion)])

/** An OpenAPI document without paths and definitions. */
export const emptyOpenApi: Buffer = Buffer.concat([
  field(SWAGGER, '2.0'),
  field(INFO, info),
  field(PATHS, ''),
  field(DEFINITIONS, ''),
])
