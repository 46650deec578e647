import type { Duplex } from 'node:stream'
import { HeaderCodec, type SpdyHeaders, uint32 } from './headers.ts'

/*
 * The part of SPDY/3.1 that kubectl runs commands (before 1.31) and forwards ports by, from the server's side. As Kubernetes' own
 * implementation does, it leaves flow control to TCP: it never waits for window updates, and sends none.
 */

const controlBit = 0x8000
const version = 3
const finFlag = 0x01
const headerBytes = 8
const longestFrameBytes = 1024 * 1024

/** The types of control frames. */
const synStream = 1
const synReply = 2
const rstStream = 3
const ping = 6
const goAway = 7

interface Frame {
  /** The type of a control frame; undefined for data. */
  type: number | undefined
  streamId: number
  fin: boolean
  body: Buffer
}

/** A stream that the client has opened. */
export interface SpdyStream {
  readonly id: number
  readonly headers: SpdyHeaders
  /** Told of what the client sends, and (undefined) that it has ended, or reset, the stream. */
  onData(handler: (chunk: Buffer | undefined) => void): void
  /** Resolves when it may be followed by more. */
  send(chunk: Buffer): Promise<void>
  /** Says that nothing follows. */
  end(): void
}

/** Agrees to an upgrade to SPDY/3.1, in which one of the protocols that the client offers is spoken. */
export function acceptSpdy(socket: Duplex, protocol: string): void {
  const head = ['Connection: Upgrade', 'Upgrade: SPDY/3.1', `X-Stream-Protocol-Version: ${protocol}`]
  socket.write(`HTTP/1.1 101 Switching Protocols\r\n${head.join('\r\n')}\r\n\r\n`)
}

/**
 * Serves a connection that has been upgraded to SPDY/3.1, until either side ends it.
 *
 * @param onStream told of each stream that the client opens, which is accepted
 */
export async function serveSpdy(socket: Duplex, head: Buffer, onStream: (stream: SpdyStream) => void): Promise<void> {
  const codec = new HeaderCodec()
  const streams = new Map<number, OpenStream>()
  socket.on('error', () => {})
  try {
    for await (const frame of framesOf(socket, head)) {
      if (frame.type === undefined) streams.get(frame.streamId)?.receive(frame.body, frame.fin)
      else if (frame.type === ping) write(socket, control(ping, 0, frame.body))
      else if (frame.type === rstStream) streams.get(frame.body.readUInt32BE(0))?.receive(Buffer.alloc(0), true)
      else if (frame.type === goAway) return
      else if (frame.type === synStream) {
        const id = frame.body.readUInt32BE(0) & 0x7fffffff
        const headers = await codec.decode(frame.body.subarray(10))
        const stream = new OpenStream(socket, { id, headers, onClosed: () => streams.delete(id) })
        streams.set(id, stream)
        write(socket, control(synReply, 0, Buffer.concat([uint32(id), await codec.encode({})])))
        onStream(stream)
        if (frame.fin) stream.receive(Buffer.alloc(0), true)
      }
    }
  } catch {
    // A connection that broke, or speaks something else: whatever runs on it ends with it.
  } finally {
    for (const stream of streams.values()) stream.receive(Buffer.alloc(0), true)
    codec.close()
    socket.destroy()
  }
}

class OpenStream implements SpdyStream {
  readonly id: number
  readonly headers: SpdyHeaders
  readonly #socket: Duplex
  readonly #onClosed: () => void
  readonly #early: (Buffer | undefined)[] = []
  #handler: ((chunk: Buffer | undefined) => void) | undefined
  #isRead = false
  #isWritten = false

  /** @param onClosed told when both sides have said that nothing follows */
  constructor(socket: Duplex, { id, headers, onClosed }: { id: number; headers: SpdyHeaders; onClosed: () => void }) {
    this.#socket = socket
    this.id = id
    this.headers = headers
    this.#onClosed = onClosed
  }

  onData(handler: (chunk: Buffer | undefined) => void): void {
    this.#handler = handler
    for (const chunk of this.#early.splice(0)) handler(chunk)
  }

  receive(chunk: Buffer, fin: boolean): void {
    if (this.#isRead) return
    this.#isRead = fin
    const chunks = [...(chunk.length > 0 ? [chunk] : []), ...(fin ? [undefined] : [])]
    for (const each of chunks) {
      if (this.#handler) this.#handler(each)
      else this.#early.push(each)
    }
    if (this.#isRead && this.#isWritten) this.#onClosed()
  }

  send(chunk: Buffer): Promise<void> {
    return new Promise((resolve) => {
      if (!this.#socket.writable) resolve()
      else this.#socket.write(data(this.id, 0, chunk), () => resolve())
    })
  }

  end(): void {
    write(this.#socket, data(this.id, finFlag, Buffer.alloc(0)))
    this.#isWritten = true
    if (this.#isRead) this.#onClosed()
  }
}

/** The frames as they come; those that came with the upgrade first. Damage of the connection is its end. */
async function* framesOf(socket: Duplex, head: Buffer): AsyncGenerator<Frame, void, undefined> {
  if (head.length > 0) socket.unshift(head)
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    rest = Buffer.concat([rest, chunk])
    for (let frame = firstFrame(rest); frame; frame = firstFrame(rest)) {
      rest = rest.subarray(headerBytes + frame.body.length)
      yield frame
    }
  }
}

/** @throws when the frame is too large to be one */
function firstFrame(bytes: Buffer): Frame | undefined {
  if (bytes.length < headerBytes) return undefined
  const length = bytes.readUIntBE(5, 3)
  if (length > longestFrameBytes) throw new Error(`a SPDY frame of ${length} bytes is too long`)
  if (bytes.length < headerBytes + length) return undefined
  const isControl = (bytes.readUInt16BE(0) & controlBit) !== 0
  return {
    type: isControl ? bytes.readUInt16BE(2) : undefined,
    streamId: isControl ? 0 : bytes.readUInt32BE(0),
    fin: (bytes.readUInt8(4) & finFlag) !== 0,
    body: bytes.subarray(headerBytes, headerBytes + length),
  }
}

function control(type: number, flags: number, body: Buffer): Buffer {
  const header = Buffer.alloc(headerBytes)
  header.writeUInt16BE(controlBit | version, 0)
  header.writeUInt16BE(type, 2)
  header.writeUInt32BE(body.length, 4)
  header.writeUInt8(flags, 4)
  return Buffer.concat([header, body])
}

function data(streamId: number, flags: number, body: Buffer): Buffer {
  return Buffer.concat([uint32(streamId), uint32(((flags << 24) | body.length) >>> 0), body])
}

function write(socket: Duplex, bytes: Buffer): void {
  if (socket.writable) socket.write(bytes)
}
