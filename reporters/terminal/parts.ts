import { truncate, widthOf } from './style.ts'

/** A part of a line. */
export interface Part {
  /** May have colours, where it has no `paint`. */
  text: string
  paint?: (text: string) => string
  /** Where there is no room for all, the lowest goes first. */
  priority: number
}

/**
 * Joins parts into one line of at most a width: as many as have room, the least important left out. A last part that
 * is plain is cut rather than left out, as long as enough of it stays to be read.
 */
export function lineOf(parts: readonly Part[], separator: string, width: number): string {
  const total = parts.reduce((sum, { text }) => sum + widthOf(text), separator.length * (parts.length - 1))
  if (total <= width) return parts.map(painted).join(separator)
  const least = parts.toSorted((a, b) => a.priority - b.priority)[0]
  if (!least) return ''
  if (parts.length === 1) return painted({ ...least, text: truncate(least.text, width) })
  const room = widthOf(least.text) - (total - width)
  if (least === parts.at(-1) && room >= shortestCut)
    return lineOf(parts.with(parts.indexOf(least), { ...least, text: truncate(least.text, room) }), separator, width)
  return lineOf(
    parts.filter((part) => part !== least),
    separator,
    width,
  )
}

const shortestCut = 12

function painted({ text, paint = (plain) => plain }: Part): string {
  return paint(text)
}
