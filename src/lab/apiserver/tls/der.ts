/** ASN.1 in its distinguished encoding (X.690), as far as a certificate needs it: values are written, none is read. */

/** A value under its tag. */
export function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(contents)
  return Buffer.concat([Buffer.from([tag]), lengthOf(body), body])
}

export function sequence(...members: readonly Uint8Array[]): Buffer {
  return der(0x30, ...members)
}

export function setOf(member: Uint8Array): Buffer {
  return der(0x31, member)
}

/** A value that says of itself which of several it is (`[0]`, `[3]` …), whole inside it. */
export function explicit(number: number, value: Uint8Array): Buffer {
  return der(0xa0 + number, value)
}

/** A whole number that is not negative, given as its bytes. */
export function integer(bytes: Uint8Array): Buffer {
  const isNegative = (bytes[0] ?? 0) >= 0x80
  return der(0x02, isNegative ? Buffer.from([0]) : Buffer.alloc(0), bytes)
}

export const yes: Buffer = der(0x01, Buffer.from([0xff]))

export function bits(bytes: Uint8Array, unusedBits = 0): Buffer {
  return der(0x03, Buffer.from([unusedBits]), bytes)
}

export function octets(bytes: Uint8Array): Buffer {
  return der(0x04, bytes)
}

export function text(value: string): Buffer {
  return der(0x0c, Buffer.from(value))
}

/** A time to the second: with two digits of the year until 2049, as certificates must have it. */
export function time(at: Date): Buffer {
  const digits = `${at.toISOString().replace(/[-:T]|\..*/g, '')}Z`
  return at.getUTCFullYear() < 2050 ? der(0x17, Buffer.from(digits.slice(2))) : der(0x18, Buffer.from(digits))
}

/** The name of a thing by its path in the tree of all such names, as in `2.5.4.3`. */
export function objectIdentifier(path: string): Buffer {
  const [first = 0, second = 0, ...rest] = path.split('.').map(Number)
  return der(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(inBase128)]))
}

function inBase128(number: number): number[] {
  const digits = [number & 0x7f]
  for (let rest = number >> 7; rest > 0; rest >>= 7) digits.unshift(0x80 | (rest & 0x7f))
  return digits
}

function lengthOf({ length }: Buffer): Buffer {
  if (length < 0x80) return Buffer.from([length])
  const digits = length.toString(16)
  const bytes = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex')
  return Buffer.from([0x80 + bytes.length, ...bytes])
}
