import { closeSync, openSync, readSync } from 'node:fs'

const chunkBytes = 64 * 1024
const newline = 0x0a

/**
 * Reads a file that another process appends to, line by line. A line is given out when its end has been written: what
 * was torn by the death of its writer stays behind.
 */
export class LineTail {
  readonly #file: number
  readonly #chunk = Buffer.allocUnsafe(chunkBytes)
  #pending: Buffer[] = []

  /** @throws ENOENT when there is no such file. */
  constructor(path: string) {
    this.#file = openSync(path, 'r')
  }

  /** The lines that have been completed since the last call. */
  read(): string[] {
    const lines: string[] = []
    for (let length = this.#readChunk(); length > 0; length = this.#readChunk()) {
      this.#split(Buffer.from(this.#chunk.subarray(0, length)), lines)
    }
    return lines
  }

  close(): void {
    closeSync(this.#file)
  }

  #readChunk(): number {
    return readSync(this.#file, this.#chunk, 0, chunkBytes, null)
  }

  // A character may be cut by the end of a chunk, so only whole lines are decoded.
  #split(chunk: Buffer, lines: string[]): void {
    let start = 0
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      lines.push(Buffer.concat([...this.#pending, chunk.subarray(start, end)]).toString('utf8'))
      this.#pending = []
      start = end + 1
    }
    if (start < chunk.length) this.#pending.push(chunk.subarray(start))
  }
}
