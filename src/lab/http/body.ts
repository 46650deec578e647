import type { IncomingMessage } from 'node:http'

/** The body of a request or an answer is larger than its reader takes. */
export class BodyTooLarge extends Error {
  readonly limitBytes: number

  constructor(limitBytes: number) {
    super(`the body is larger than ${limitBytes / (1024 * 1024)} MiB`)
    this.name = 'BodyTooLarge'
    this.limitBytes = limitBytes
  }
}

/** Reads a whole body. The connection stays, so that one that is too large can be answered. @throws BodyTooLarge */
export async function readBody(message: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of message.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > limitBytes) throw new BodyTooLarge(limitBytes)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
