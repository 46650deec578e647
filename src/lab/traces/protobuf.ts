import { OtlpError } from './otlp.ts'

/** One field of a message, as it stands on the wire. */
export type WireValue = bigint | Buffer

/** How a field of a message becomes a property of an object. */
export interface Field {
  name: string
  read(value: WireValue): unknown
  /** It may be there more than once: the property is a list. */
  repeated?: boolean
}

/** The fields of a message that matter, by their numbers; the others are skipped. */
export type MessageFields = Readonly<Record<number, Field>>

/**
 * Decodes a message of Protocol Buffers (the wire format of proto3) to an object. Fields that are not on the wire are
 * not in the object, except that every repeated field is a list.
 *
 * @throws OtlpError when the bytes are no such message
 */
export function decodeMessage(bytes: Buffer, fields: MessageFields): Record<string, unknown> {
  const message: Record<string, unknown> = {}
  for (const { name, repeated } of Object.values(fields)) if (repeated) message[name] = []
  const reader = new WireReader(bytes)
  while (!reader.atEnd) {
    const { number, value } = reader.field()
    const field = fields[number]
    if (!field) continue
    const list = message[field.name]
    if (field.repeated && Array.isArray(list)) list.push(field.read(value))
    else message[field.name] = field.read(value)
  }
  return message
}

const varintType = 0
const fixed64Type = 1
const lengthDelimitedType = 2
const fixed32Type = 5

class WireReader {
  readonly #bytes: Buffer
  #position = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get atEnd(): boolean {
    return this.#position >= this.#bytes.length
  }

  field(): { number: number; value: WireValue } {
    const key = Number(this.#varint())
    return { number: key >>> 3, value: this.#value(key & 7) }
  }

  #value(wireType: number): WireValue {
    switch (wireType) {
      case varintType:
        return this.#varint()
      case fixed64Type:
        return this.#take(8).readBigUInt64LE()
      case lengthDelimitedType:
        return this.#take(Number(this.#varint()))
      case fixed32Type:
        return BigInt(this.#take(4).readUInt32LE())
      default:
        throw new OtlpError(`there is no wire type ${wireType} in proto3`)
    }
  }

  #varint(): bigint {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#take(1).readUInt8()
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
    throw new OtlpError('a varint is longer than 10 bytes')
  }

  #take(count: number): Buffer {
    const end = this.#position + count
    if (end > this.#bytes.length) throw new OtlpError('the message ends within a field')
    const taken = this.#bytes.subarray(this.#position, end)
    this.#position = end
    return taken
  }
}
