/** A field of a protobuf message as it is sent: a number, or bytes whose meaning its type says. */
export interface WireField {
  number: number
  value: bigint | Buffer
}

/** @throws RangeError when the bytes are no protobuf message */
export function* wireFields(message: Buffer): Generator<WireField, void, undefined> {
  const reader = new Reader(message)
  while (!reader.atEnd) {
    const key = Number(reader.varint())
    const number = key >>> 3
    switch (key & 7) {
      case 0:
        yield { number, value: reader.varint() }
        break
      case 1:
        yield { number, value: reader.bytes(8) }
        break
      case 2:
        yield { number, value: reader.bytes(Number(reader.varint())) }
        break
      case 5:
        yield { number, value: reader.bytes(4) }
        break
      default:
        throw new RangeError(`wire type ${key & 7} of field ${number} is unknown`)
    }
  }
}

class Reader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get atEnd(): boolean {
    return this.#at >= this.#bytes.length
  }

  varint(): bigint {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined) break
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return BigInt.asIntN(64, value)
    }
    throw new RangeError('a number is cut off')
  }

  bytes(length: number): Buffer {
    if (length < 0 || this.#at + length > this.#bytes.length) throw new RangeError('a field is cut off')
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }
}
