import { type FileHandle, open } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

/** What one run of a container writes. */
export interface RunLog {
  path: string
  /** Whether it may be written to still. */
  isOpen(): boolean
}

export interface LogOptions {
  /** Goes on until the run has ended. */
  follow: boolean
  /** Begins with so many of the last lines; absent: with the first. */
  tailLines?: number | undefined
  /** Ends after so many bytes. */
  limitBytes?: number | undefined
}

const pollMs = 100
const chunkBytes = 64 * 1024
const lineBreak = 0x0a

/** Reads a log as it was written. @throws when there is none */
export async function* readLog(log: RunLog, options: LogOptions): AsyncGenerator<Buffer, void, undefined> {
  const { follow, tailLines, limitBytes = Number.POSITIVE_INFINITY } = options
  await using file = await open(log.path)
  const begin = tailLines === undefined ? 0 : await startOfLastLines(file, tailLines)
  const limit = begin + limitBytes
  let position = begin
  for (;;) {
    // Asked before it is read: what comes before the end is not missed.
    const goesOn = follow && log.isOpen()
    for (;;) {
      const chunk = await readAt(file, position, Math.min(chunkBytes, limit - position))
      if (chunk.length === 0) break
      position += chunk.length
      yield chunk
    }
    if (!goesOn || position >= limit) return
    await sleep(pollMs)
  }
}

/** Where the last lines begin. A line break at the very end ends the last line, and begins none. */
async function startOfLastLines(file: FileHandle, lines: number): Promise<number> {
  const { size } = await file.stat()
  if (lines === 0) return size
  let left = lines
  for (let end = size - 1; end > 0; end -= chunkBytes) {
    const start = Math.max(0, end - chunkBytes)
    const chunk = await readAt(file, start, end - start)
    for (let at = chunk.lastIndexOf(lineBreak); at >= 0; at = at === 0 ? -1 : chunk.lastIndexOf(lineBreak, at - 1)) {
      left -= 1
      if (left === 0) return start + at + 1
    }
  }
  return 0
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  if (length <= 0) return Buffer.alloc(0)
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position)
  return buffer.subarray(0, bytesRead)
}
