import type { Output } from '../../reporters/terminal/screen.ts'

/** A stream that keeps what is written to it, write by write. */
export class RecordedOutput implements Output {
  readonly writes: string[] = []
  columns: number
  rows = 40
  isTTY: boolean

  constructor({ columns = 100, isTTY = false }: { columns?: number; isTTY?: boolean } = {}) {
    this.columns = columns
    this.isTTY = isTTY
  }

  write(text: string): void {
    this.writes.push(text)
  }

  get text(): string {
    return this.writes.join('')
  }

  /** What a terminal would show, of what the reporter knows how to write: text, cursor up and clearing. */
  get screen(): string[] {
    const rows: string[] = ['']
    let row = 0
    let column = 0
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    for (const [token] of this.text.matchAll(/\u001b\[\??\d*[A-Za-z]|\r|\n|[^\u001b\r\n]+/g)) {
      if (token === '\n') {
        row += 1
        column = 0
        rows[row] ??= ''
      } else if (token === '\r') column = 0
      else if (token.endsWith('A') && token.startsWith('\u001b')) row -= Number(token.slice(2, -1))
      else if (token === '\u001b[K') rows[row] = (rows[row] ?? '').slice(0, column)
      else if (token === '\u001b[J') {
        rows[row] = (rows[row] ?? '').slice(0, column)
        rows.length = row + 1
      } else if (!token.startsWith('\u001b')) {
        const line = (rows[row] ?? '').padEnd(column)
        rows[row] = line.slice(0, column) + token + line.slice(column + token.length)
        column += token.length
      }
    }
    return rows
  }
}
