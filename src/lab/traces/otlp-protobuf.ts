import { OtlpError, type TracesData, tracesFromJson } from './otlp.ts'
import { decodeMessage, type Field, type MessageFields, type WireValue } from './protobuf.ts'

/**
 * Reads an `ExportTraceServiceRequest` in binary protobuf into the shape that OTLP/JSON has: ids in hexadecimal digits,
 * 64-bit integers as strings. The numbers of the fields are those of opentelemetry-proto 1.x.
 *
 * @throws OtlpError
 */
export function tracesFromProtobuf(bytes: Buffer): TracesData {
  return tracesFromJson(JSON.stringify(decodeMessage(bytes, request)))
}

function bytesOf(value: WireValue): Buffer {
  if (typeof value === 'bigint') throw new OtlpError('a number stands where text or a message belongs')
  return value
}

function integerOf(value: WireValue): bigint {
  if (typeof value !== 'bigint') throw new OtlpError('bytes stand where a number belongs')
  return value
}

function doubleOf(value: WireValue): number {
  return new Float64Array(BigUint64Array.of(integerOf(value)).buffer)[0] ?? 0
}

const text = (name: string): Field => ({ name, read: (value) => bytesOf(value).toString('utf8') })
const hex = (name: string): Field => ({ name, read: (value) => bytesOf(value).toString('hex') })
const base64 = (name: string): Field => ({ name, read: (value) => bytesOf(value).toString('base64') })
const boolean = (name: string): Field => ({ name, read: (value) => integerOf(value) !== 0n })
const double = (name: string): Field => ({ name, read: doubleOf })
/** Within 32 bits: a number in JSON. */
const small = (name: string): Field => ({ name, read: (value) => Number(integerOf(value)) })
const unsigned64 = (name: string): Field => ({ name, read: (value) => integerOf(value).toString() })
const signed64 = (name: string): Field => ({ name, read: (value) => BigInt.asIntN(64, integerOf(value)).toString() })
const message = (name: string, fields: () => MessageFields): Field => ({
  name,
  read: (value) => decodeMessage(bytesOf(value), fields()),
})
const many = (field: Field): Field => ({ ...field, repeated: true })

const anyValue: MessageFields = {
  1: text('stringValue'),
  2: boolean('boolValue'),
  3: signed64('intValue'),
  4: double('doubleValue'),
  5: message('arrayValue', () => ({ 1: many(message('values', () => anyValue)) })),
  6: message('kvlistValue', () => ({ 1: many(message('values', () => keyValue)) })),
  7: base64('bytesValue'),
}

const keyValue: MessageFields = { 1: text('key'), 2: message('value', () => anyValue) }
const attributes = many(message('attributes', () => keyValue))

const event: MessageFields = {
  1: unsigned64('timeUnixNano'),
  2: text('name'),
  3: attributes,
  4: small('droppedAttributesCount'),
}

const link: MessageFields = {
  1: hex('traceId'),
  2: hex('spanId'),
  3: text('traceState'),
  4: attributes,
  5: small('droppedAttributesCount'),
  6: small('flags'),
}

const span: MessageFields = {
  1: hex('traceId'),
  2: hex('spanId'),
  3: text('traceState'),
  4: hex('parentSpanId'),
  5: text('name'),
  6: small('kind'),
  7: unsigned64('startTimeUnixNano'),
  8: unsigned64('endTimeUnixNano'),
  9: attributes,
  10: small('droppedAttributesCount'),
  11: many(message('events', () => event)),
  12: small('droppedEventsCount'),
  13: many(message('links', () => link)),
  14: small('droppedLinksCount'),
  15: message('status', () => ({ 2: text('message'), 3: small('code') })),
  16: small('flags'),
}

const scope: MessageFields = { 1: text('name'), 2: text('version'), 3: attributes }
const scopeSpans: MessageFields = {
  1: message('scope', () => scope),
  2: many(message('spans', () => span)),
  3: text('schemaUrl'),
}
const resourceSpans: MessageFields = {
  1: message('resource', () => ({ 1: attributes })),
  2: many(message('scopeSpans', () => scopeSpans)),
  3: text('schemaUrl'),
}
const request: MessageFields = { 1: many(message('resourceSpans', () => resourceSpans)) }
