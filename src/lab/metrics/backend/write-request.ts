import type { Labels, SeriesIdentity } from '../labels.ts'
import { staleBits } from '../samples.ts'

/** A sample on its way to a Prometheus. */
export interface OutgoingSample {
  readonly identity: SeriesIdentity
  /** Milliseconds since the epoch. */
  readonly at: number
  /** `stale`: the marker that the series has ended. */
  readonly value: number | 'stale'
}

/** Of which messages of Prometheus' remote-write protocol 1.0 these are the fields. */
const field = {
  writeRequest: { timeseries: 1 },
  timeSeries: { labels: 1, samples: 2 },
  label: { name: 1, value: 2 },
  sample: { value: 1, timestamp: 2 },
} as const

const wireType = { varint: 0, fixed64: 1, lengthDelimited: 2 } as const

/** The labels of a series are the same at every scrape. */
const encodedLabels = new WeakMap<SeriesIdentity, Buffer>()

/**
 * The body of a remote write: a protobuf `WriteRequest` as a snappy block. Samples of a series follow each other in the
 * order that they have here. (https://prometheus.io/docs/specs/prw/remote_write_spec/)
 */
export function writeRequest(samples: readonly OutgoingSample[]): Buffer {
  const bySeries = Map.groupBy(samples, ({ identity }) => identity)
  const series = [...bySeries].map(([identity, own]) =>
    message(field.writeRequest.timeseries, Buffer.concat([labelsOf(identity), ...own.map(sampleMessage)])),
  )
  return snappyBlock(Buffer.concat(series))
}

function labelsOf(identity: SeriesIdentity): Buffer {
  const known = encodedLabels.get(identity)
  if (known) return known
  const encoded = labelMessages(identity.labels)
  encodedLabels.set(identity, encoded)
  return encoded
}

function labelMessages(labels: Labels): Buffer {
  const messages = Object.entries(labels).map(([name, value]) =>
    message(
      field.timeSeries.labels,
      Buffer.concat([message(field.label.name, Buffer.from(name)), message(field.label.value, Buffer.from(value))]),
    ),
  )
  return Buffer.concat(messages)
}

function sampleMessage({ at, value }: OutgoingSample): Buffer {
  const double = Buffer.alloc(9)
  double[0] = (field.sample.value << 3) | wireType.fixed64
  if (value === 'stale') double.writeBigUInt64LE(staleBits, 1)
  else double.writeDoubleLE(value, 1)
  const time = [(field.sample.timestamp << 3) | wireType.varint, ...varint(BigInt.asUintN(64, BigInt(Math.round(at))))]
  return message(field.timeSeries.samples, Buffer.concat([double, Buffer.from(time)]))
}

function message(number: number, content: Buffer): Buffer {
  const head = [(number << 3) | wireType.lengthDelimited, ...varint(BigInt(content.length))]
  return Buffer.concat([Buffer.from(head), content])
}

function varint(value: bigint): number[] {
  const bytes: number[] = []
  let rest = value
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
  return [...bytes, Number(rest)]
}

const largestLiteral = 65_536
const literalWithTwoBytesOfLength = 61 << 2

/** The bytes as literals: valid snappy, not made smaller, as it only goes to this machine. */
function snappyBlock(bytes: Buffer): Buffer {
  const parts: Buffer[] = [Buffer.from(varint(BigInt(bytes.length)))]
  for (let start = 0; start < bytes.length; start += largestLiteral) {
    const literal = bytes.subarray(start, start + largestLiteral)
    const last = literal.length - 1
    parts.push(Buffer.from([literalWithTwoBytesOfLength, last & 0xff, last >> 8]), literal)
  }
  return Buffer.concat(parts)
}
