import { stripVTControlCharacters } from 'node:util'
import chalk, { Chalk, type ChalkInstance, chalkStderr } from 'chalk'

/** What rendering needs to know of where it will be shown. */
export interface Style {
  chalk: ChalkInstance
  /** Columns. */
  width: number
  /** Whether it can follow links (OSC 8). */
  links?: boolean
}

/** A text that leads somewhere: OSC 8, which takes no columns. */
export function hyperlink(text: string, href: string): string {
  return `\u001b]8;;${href}\u001b\\${text}\u001b]8;;\u001b\\`
}

/** A chalk for what is written to a stream: without colour where the stream or the user (`NO_COLOR`) wants none. */
export function chalkFor(stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv = process.env): ChalkInstance {
  if (env.NO_COLOR && env.FORCE_COLOR === undefined) return new Chalk({ level: 0 })
  return new Chalk({ level: stream === process.stderr ? chalkStderr.level : chalk.level })
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })
/** East Asian wide characters and pictures: two columns each. */
const wide =
  /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u

/** The columns that a text takes, its colours not counted. */
export function widthOf(text: string): number {
  let width = 0
  for (const { segment } of graphemes.segment(stripVTControlCharacters(text))) width += wide.test(segment) ? 2 : 1
  return width
}

/** Cuts a plain text to a width, with `…` where something is missing. */
export function truncate(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  let kept = ''
  let columns = 1
  for (const { segment } of graphemes.segment(text)) {
    columns += widthOf(segment)
    if (columns > width) break
    kept += segment
  }
  return width > 0 ? `${kept}…` : ''
}

/**
 * Breaks a plain text into lines of at most a width, at spaces. A longer word (an address, an id) stays whole, and so
 * does a number with its unit.
 */
export function wrap(text: string, width: number): string[] {
  return text.split('\n').flatMap((line) => wrapLine(line, width))
}

function wrapLine(line: string, width: number): string[] {
  const indent = /^\s*/.exec(line)?.[0] ?? ''
  const lines: string[] = []
  let current = ''
  for (const word of line.trim().split(/\s+(?!(?:%|ms|s|min)(?!\w))/)) {
    const longer = current === '' ? `${indent}${word}` : `${current} ${word}`
    if (current !== '' && widthOf(longer) > width) {
      lines.push(current)
      current = `${indent}${word}`
    } else {
      current = longer
    }
  }
  return [...lines, current]
}

/** Joins parts, which may have colours, into lines of at most a width. */
export function flow(parts: readonly string[], separator: string, width: number): string[] {
  const lines: string[] = []
  for (const part of parts) {
    const joined = `${lines.at(-1)}${separator}${part}`
    if (lines.length > 0 && widthOf(joined) <= width) lines[lines.length - 1] = joined
    else lines.push(part)
  }
  return lines
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const control = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g

/** A text from elsewhere (an error, a title) without what would steer the terminal. */
export function harmless(text: string): string {
  return stripVTControlCharacters(text).replaceAll('\r\n', '\n').replaceAll('\t', '  ').replace(control, '')
}

/** The same on a single line. */
export function oneLine(text: string): string {
  return harmless(text).replace(/\s+/g, ' ').trim()
}
