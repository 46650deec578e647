import { isJsonObject, type Json, type JsonObject } from '../objects.ts'
import { messages } from './messages.ts'
import { type WireField, wireFields } from './wire.ts'

/** What a protobuf body says cannot be told. */
export class ProtobufError extends Error {
  override readonly name = 'ProtobufError'
}

/** What each body begins with; after it comes a message that says of which kind the object in it is. */
const magic = Buffer.from('k8s\0')

/** Messages that JSON has in the place of the field that holds them. */
const inlined = new Set(['volumeSource', 'handler', 'localObjectReference'])

/**
 * Scalars for which 0 or false is something else than nothing. All others are sent as 0, false or empty when nothing was
 * said.
 */
const meantZeros = new Set(
  (
    'replicas revisionHistoryLimit progressDeadlineSeconds terminationGracePeriodSeconds activeDeadlineSeconds runAsUser ' +
    'runAsGroup fsGroup priority gracePeriodSeconds tolerationSeconds defaultMode mode automountServiceAccountToken ' +
    'enableServiceLinks optional controller blockOwnerDeletion immutable allowPrivilegeEscalation privileged ' +
    'readOnlyRootFilesystem runAsNonRoot shareProcessNamespace orphanDependents'
  ).split(' '),
)

interface Field {
  name: string
  type: string
  shape: 'one' | 'list' | 'map'
}

const deepestMessage = 100

const ownField = { configurable: true, enumerable: true, writable: true }

/**
 * An object that was sent as `application/vnd.kubernetes.protobuf`, as JSON would say it.
 * @throws ProtobufError when it is no such thing, of a kind that is not known here, or has a field that is not
 */
export function decodeProtobuf(body: Buffer): JsonObject {
  if (!body.subarray(0, magic.length).equals(magic))
    throw new ProtobufError('it does not begin as protobuf of Kubernetes does')
  try {
    const { 1: type, 2: raw } = bytesOf(body.subarray(magic.length))
    const { 1: apiVersion, 2: kind } = bytesOf(type ?? Buffer.alloc(0))
    const name = kind?.toString() ?? ''
    if (!Object.hasOwn(messages, name)) throw new ProtobufError(`the lab does not read the kind "${name}" as protobuf`)
    return { apiVersion: apiVersion?.toString() ?? '', kind: name, ...message(raw ?? Buffer.alloc(0), name, 0) }
  } catch (error) {
    throw error instanceof RangeError ? new ProtobufError(error.message) : error
  }
}

function bytesOf(bytes: Buffer): Record<number, Buffer> {
  const fields = [...wireFields(bytes)].filter((field): field is WireField & { value: Buffer } =>
    Buffer.isBuffer(field.value),
  )
  return Object.fromEntries(fields.map(({ number, value }) => [number, value]))
}

function message(bytes: Buffer, type: string, depth: number): JsonObject {
  if (depth > deepestMessage) throw new ProtobufError(`messages are nested more than ${deepestMessage} deep`)
  const fields = fieldsOf(type)
  const object: JsonObject = {}
  for (const { number, value } of wireFields(bytes)) {
    const field = fields.get(number)
    if (!field) {
      if (isNothing(value)) continue
      throw new ProtobufError(`the lab does not read field ${number} of ${type} as protobuf`)
    }
    if (field.type !== '-') put(object, field, value, depth)
  }
  return object
}

function put(object: JsonObject, { name, type, shape }: Field, value: WireField['value'], depth: number): void {
  if (shape === 'map') {
    const { 1: key, 2: entry } = bytesOf(expectBytes(value, name))
    const entries = isJsonObject(object[name]) ? object[name] : {}
    const decoded = decodedValue(entry ?? Buffer.alloc(0), type, name, depth)
    // Whatever its name, a field of its own: who decodes refuses `__proto__` by name.
    Object.defineProperty(entries, key?.toString() ?? '', { ...ownField, value: decoded })
    object[name] = entries
    return
  }
  const decoded = decodedValue(value, type, name, depth)
  if (shape === 'list') {
    const items = Array.isArray(object[name]) ? object[name] : []
    items.push(decoded)
    object[name] = items
  } else if (inlined.has(name)) Object.assign(object, decoded)
  else if (decoded !== null && (meantZeros.has(name) || (decoded !== '' && decoded !== 0 && decoded !== false))) {
    object[name] = decoded
  }
}

function decodedValue(value: WireField['value'], type: string, name: string, depth: number): Json {
  if (typeof value === 'bigint') return type === 'bool' ? value !== 0n : Number(value)
  switch (type) {
    case 'string':
      return value.toString()
    case 'bytes':
      return value.toString('base64')
    case 'Quantity':
      return bytesOf(value)[1]?.toString() ?? '0'
    case 'Time':
      return timeOf(value)
    case 'IntOrString':
      return intOrString(value)
    default:
      if (!Object.hasOwn(messages, type))
        throw new ProtobufError(`the lab does not read "${name}" (${type}) as protobuf`)
      return message(value, type, depth + 1)
  }
}

function timeOf(bytes: Buffer): Json {
  const seconds = [...wireFields(bytes)].find(({ number }) => number === 1)?.value
  return typeof seconds === 'bigint' ? `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19)}Z` : null
}

function intOrString(bytes: Buffer): Json {
  const fields = Object.fromEntries([...wireFields(bytes)].map(({ number, value }) => [number, value]))
  return fields[1] === 1n ? (fields[3]?.toString() ?? '') : Number(fields[2] ?? 0)
}

function expectBytes(value: WireField['value'], name: string): Buffer {
  if (Buffer.isBuffer(value)) return value
  throw new ProtobufError(`"${name}" is a number where a message should be`)
}

function isNothing(value: WireField['value']): boolean {
  return typeof value === 'bigint' ? value === 0n : value.length === 0
}

const known = new Map<string, ReadonlyMap<number, Field>>()

function fieldsOf(type: string): ReadonlyMap<number, Field> {
  const fields =
    known.get(type) ??
    new Map(
      (messages[type] ?? '').split(' ').map((text) => {
        const [number, name = '', written = ''] = text.split(':')
        const shape = written.endsWith('[]') ? 'list' : written.startsWith('{') ? 'map' : 'one'
        return [Number(number), { name, type: written.replace(/[[\]{}]/g, ''), shape }]
      }),
    )
  known.set(type, fields)
  return fields
}
