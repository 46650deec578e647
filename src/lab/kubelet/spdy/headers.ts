import { constants, createDeflate, createInflate } from 'node:zlib'

/*
 * Header blocks of SPDY/3: names and values, compressed over the whole life of a connection with a dictionary that both
 * sides know. https://www.chromium.org/spdy/spdy-protocol/spdy-protocol-draft3-1/
 */

const dictionaryNames =
  'options head post put delete trace accept accept-charset accept-encoding accept-language accept-ranges age allow ' +
  'authorization cache-control connection content-base content-encoding content-language content-length ' +
  'content-location content-md5 content-range content-type date etag expect expires from host if-match ' +
  'if-modified-since if-none-match if-range if-unmodified-since last-modified location max-forwards pragma ' +
  'proxy-authenticate proxy-authorization range referer retry-after server te trailer transfer-encoding upgrade ' +
  'user-agent vary via warning www-authenticate method get status 200_OK version HTTP/1.1 url public set-cookie ' +
  'keep-alive origin'
const dictionaryRest =
  '100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505203 Non-Authoritative ' +
  'Information204 No Content301 Moved Permanently400 Bad Request401 Unauthorized403 Forbidden404 Not Found500 Internal ' +
  'Server Error501 Not Implemented503 Service UnavailableJan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 ' +
  'Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMTchunked,text/html,image/png,image/jpg,image/gif,application/xml,' +
  'application/xhtml+xml,text/plain,text/javascript,publicprivatemax-age=gzip,deflate,sdchcharset=utf-8' +
  'charset=iso-8859-1,utf-,*,enq=0.'

export const spdyDictionary: Buffer = Buffer.concat([
  ...dictionaryNames.split(' ').flatMap((name) => sized(name.replace('_', ' '))),
  Buffer.from(dictionaryRest),
])

export type SpdyHeaders = Readonly<Record<string, string>>

/** Reads and writes the header blocks of one connection. Each block must be read, and written, in its turn. */
export class HeaderCodec {
  readonly #inflate = createInflate({ dictionary: spdyDictionary })
  readonly #deflate = createDeflate({ dictionary: spdyDictionary })

  /** @throws when the block is damaged */
  async decode(block: Buffer): Promise<SpdyHeaders> {
    await written(this.#inflate, (done) => this.#inflate.write(block, done))
    const plain: Buffer = this.#inflate.read() ?? Buffer.alloc(0)
    const headers: Record<string, string> = {}
    let at = 0
    const take = () => {
      const length = plain.readUInt32BE(at)
      at += 4 + length
      return plain.toString('utf8', at - length, at)
    }
    const count = plain.readUInt32BE(0)
    at = 4
    for (let index = 0; index < count; index++) {
      const name = take()
      headers[name] = take()
    }
    return headers
  }

  async encode(headers: SpdyHeaders): Promise<Buffer> {
    const entries = Object.entries(headers)
    const plain = Buffer.concat([
      uint32(entries.length),
      ...entries.flatMap(([name, value]) => [...sized(name), ...sized(value)]),
    ])
    this.#deflate.write(plain)
    await written(this.#deflate, (done) => this.#deflate.flush(constants.Z_SYNC_FLUSH, done))
    return this.#deflate.read() ?? Buffer.alloc(0)
  }

  close(): void {
    this.#inflate.destroy()
    this.#deflate.destroy()
  }
}

export function uint32(value: number): Buffer {
  const buffer = Buffer.alloc(4)
  buffer.writeUInt32BE(value)
  return buffer
}

function sized(text: string): Buffer[] {
  const bytes = Buffer.from(text)
  return [uint32(bytes.length), bytes]
}

function written(stream: NodeJS.EventEmitter, write: (done: () => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.once('error', reject)
    write(() => {
      stream.off('error', reject)
      resolve()
    })
  })
}
