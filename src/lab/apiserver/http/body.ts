import type { IncomingMessage } from 'node:http'
import { BodyTooLarge, readBody } from '../../http/body.ts'
import { isJsonObject, type Json, type JsonObject } from '../objects.ts'
import { decodeProtobuf, ProtobufError } from '../protobuf/decode.ts'
import { badRequest, StatusError, unsupportedMediaType } from '../status.ts'
import type { ApiRequest } from './request.ts'
import { readYaml } from './yaml.ts'

/** The largest body that is read, in bytes. */
const largestBodyBytes = 3 * 1024 * 1024
/** The largest YAML that is read: it takes twenty times as long as JSON. */
const largestYamlCharacters = 256 * 1024
/** The deepest nesting of a body. */
const deepestBody = 200

export const protobufMediaType = 'application/vnd.kubernetes.protobuf'
const jsonMediaTypes = ['application/json']
const yamlMediaTypes = ['application/yaml', 'application/x-yaml', 'text/yaml']

/** @throws StatusError 413 */
export async function readBytes(message: IncomingMessage): Promise<Buffer> {
  try {
    return await readBody(message, largestBodyBytes)
  } catch (error) {
    throw error instanceof BodyTooLarge ? tooLarge(String(largestBodyBytes)) : error
  }
}

/**
 * The object in the body, as JSON, YAML or protobuf. What has no media type is taken for JSON.
 * @throws StatusError 400, 413, 415
 */
export async function readObject(request: ApiRequest): Promise<JsonObject> {
  const { contentType } = request
  if (contentType === protobufMediaType) return objectFrom(await readProtobuf(request))
  if (yamlMediaTypes.includes(contentType)) return objectFrom(parseYamlText(await request.text()))
  if (contentType && !jsonMediaTypes.includes(contentType))
    throw unsupportedMediaType([...jsonMediaTypes, 'application/yaml', protobufMediaType])
  return objectFrom(parseJson(await request.text()))
}

/** @throws StatusError 400 */
export function parseJson(text: string): Json {
  try {
    return checked(JSON.parse(text) as Json)
  } catch (error) {
    throw unreadable('json', error)
  }
}

/** YAML, of which JSON is a part, and mostly what clients send as such. @throws StatusError 400 */
export function parseYamlText(text: string): Json {
  try {
    return checked((jsonOf(text) ?? yamlOf(text)) as Json)
  } catch (error) {
    throw unreadable('yaml', error)
  }
}

/** @throws YamlError, StatusError 413 */
function yamlOf(text: string): unknown {
  if (text.length > largestYamlCharacters) throw tooLarge(`${largestYamlCharacters} for YAML; send it as JSON`)
  return readYaml(text, deepestBody)
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export function objectFrom(value: Json): JsonObject {
  if (!isJsonObject(value)) throw badRequest('the body of the request is not an object')
  return value
}

function unreadable(language: string, error: unknown): StatusError {
  if (error instanceof StatusError) return error
  const what = error instanceof Error ? error.message : String(error)
  return badRequest(`the object provided is unrecognized: ${language} parse error: ${what}`)
}

/** Refuses what could harm whoever walks over it. */
function checked(value: Json, depth = 0): Json {
  if (typeof value !== 'object' || value === null) return value
  if (depth > deepestBody) throw badRequest(`the body of the request is nested more than ${deepestBody} deep`)
  for (const key of Object.keys(value)) {
    if (key === '__proto__') throw badRequest('the body of the request has a field "__proto__"')
  }
  for (const item of Object.values(value)) checked(item, depth + 1)
  return value
}

function tooLarge(limit: string): StatusError {
  const message = `Request entity too large: limit is ${limit}`
  return new StatusError(413, 'RequestEntityTooLarge', message, undefined, { connection: 'close' })
}

/** @throws StatusError 400, 413, 415 */
async function readProtobuf(request: ApiRequest): Promise<Json> {
  try {
    return checked(decodeProtobuf(await request.bytes()))
  } catch (error) {
    if (!(error instanceof ProtobufError)) throw error
    const advice = 'write the object to a file (`kubectl create … --dry-run=client -o yaml`) and apply that'
    throw new StatusError(
      415,
      'UnsupportedMediaType',
      `the body of the request cannot be read: ${error.message}; ${advice}`,
    )
  }
}
