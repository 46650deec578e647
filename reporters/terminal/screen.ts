import { widthOf } from './style.ts'

/** Where the terminal reporter writes to: `process.stdout`, or anything like it. */
export interface Output {
  write(text: string): unknown
  isTTY?: boolean
  columns?: number
  rows?: number
}

const csi = '\u001b['
const clearToEndOfLine = `${csi}K`
const clearToEndOfScreen = `${csi}J`
const beginUpdate = `${csi}?2026h`
const endUpdate = `${csi}?2026l`

/**
 * Static lines, and below them a block that is drawn again in its place.
 *
 * Each change is a single write that overwrites the old block instead of erasing it first, so nothing flickers, also
 * where the terminal does not know synchronised updates.
 */
export class Screen {
  readonly #output: Output
  #block: readonly string[] = []

  constructor(output: Output) {
    this.#output = output
  }

  /** The lines must not be wider than the screen. */
  draw(staticLines: readonly string[], block: readonly string[]): void {
    const shown = block.slice(0, Math.max(0, (this.#output.rows || 24) - 1))
    if (staticLines.length === 0 && isSame(shown, this.#block)) return
    const text = [...staticLines, ...shown].map((line) => `${line}${clearToEndOfLine}\n`).join('')
    this.#output.write(`${beginUpdate}${this.#toTopOfBlock()}${text}${clearToEndOfScreen}${endUpdate}`)
    this.#block = shown
  }

  /** A narrower window has broken the lines of the block into several rows. */
  #toTopOfBlock(): string {
    const columns = this.#output.columns || Number.POSITIVE_INFINITY
    const rows = this.#block.reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(line) / columns)), 0)
    return rows > 0 ? `\r${csi}${rows}A` : '\r'
  }
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((line, index) => line === b[index])
}
