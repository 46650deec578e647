const millisecondsPerUnit: readonly [unit: string, milliseconds: number][] = [
  ['y', 31_536_000_000],
  ['w', 604_800_000],
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
]

const durationPattern = new RegExp(`^${millisecondsPerUnit.map(([unit]) => `(?:(\\d+)${unit})?`).join('')}$`)

/**
 * A duration of Prometheus in milliseconds: `1h30m`, the units from large to small and each at most once. Undefined
 * when it is none.
 */
export function durationMs(text: string): number | undefined {
  const counts = text === '' ? null : durationPattern.exec(text)
  if (!counts) return undefined
  return millisecondsPerUnit.reduce((sum, [, each], i) => sum + Number(counts[i + 1] ?? 0) * each, 0)
}

/** A number as Prometheus reads it: decimal, hexadecimal, octal with a leading zero; underscores between digits. */
export function numberOf(text: string): number {
  const digits = text.replaceAll('_', '')
  if (/^0[0-7]+$/.test(digits)) return Number.parseInt(digits, 8)
  if (/^[+-]?inf$/i.test(digits)) return digits.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  return Number(digits)
}
