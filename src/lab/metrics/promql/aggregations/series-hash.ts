import type { Labels } from '../../labels.ts'
import { xxh64 } from '../xxh64.ts'

/** The hash of a series that Prometheus samples by: of its labels, each name and each value with its length before it. */
export function seriesHash(labels: Labels): bigint {
  const texts = Object.entries(labels).flat()
  return xxh64(Buffer.concat(texts.flatMap((text) => withLength(Buffer.from(text)))))
}

function withLength(text: Buffer): Buffer[] {
  const { length } = text
  return [Buffer.from(length < 255 ? [length] : [255, length & 0xff, (length >> 8) & 0xff, length >> 16]), text]
}
