/**
 * The line of a file, from 1, that an error came through: where an assertion of a spec failed, or what it called.
 *
 * @param path the absolute path of the file
 * @returns undefined where the stack of the error does not name the file
 */
export function lineOf(path: string, error: unknown): number | undefined {
  const frames = (error instanceof Error ? (error.stack ?? '') : '').split('\n').filter((line) => /^\s+at /.test(line))
  const frame = frames.find((line) => line.includes(`${path}:`)) ?? ''
  const [, line] = /:(\d+):\d+\)?$/.exec(frame) ?? []
  return line === undefined ? undefined : Number(line)
}
