const escapedCharacters: Record<string, string> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' }
const piecePattern = /\\(x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|[0-7]{3}|.)|[^\\]+/gs

/**
 * The content of a quoted string, as Go unquotes: backquotes hold their text as it is, in the others a backslash
 * escapes. `\xNN` and `\NNN` are bytes: where they are no UTF-8, the result is not well formed (a lone surrogate for
 * each such byte), so that no label is taken for what it is not.
 */
export function unquote(quoted: string): string {
  const content = quoted.slice(1, -1)
  if (quoted.startsWith('`') || !content.includes('\\')) return content
  const pieces = [...content.matchAll(piecePattern)].map(([text, code]) =>
    code === undefined ? Buffer.from(text) : unescaped(code),
  )
  return decode(Buffer.concat(pieces))
}

/** As Go quotes, for messages. */
export function quote(text: string): string {
  return JSON.stringify(text).replace(/\\udc([89a-f][\da-f])/g, (_, byte: string) => `\\x${byte}`)
}

function unescaped(code: string): Buffer {
  if (/^x./.test(code)) return Buffer.from([Number.parseInt(code.slice(1), 16)])
  if (/^[0-7]{3}/.test(code)) return Buffer.from([Number.parseInt(code, 8) & 0xff])
  if (/^[uU]./.test(code)) return Buffer.from(String.fromCodePoint(Number.parseInt(code.slice(1), 16)))
  return Buffer.from(escapedCharacters[code] ?? code)
}

function decode(bytes: Buffer): string {
  const text = bytes.toString()
  return text.includes('\ufffd') ? [...pieces(bytes)].join('') : text
}

/** The longest well-formed piece at each place, or else one byte as a lone surrogate. */
function* pieces(bytes: Buffer): Iterable<string> {
  for (let at = 0; at < bytes.length; ) {
    const piece = [4, 3, 2, 1].map((length) => bytes.subarray(at, at + length)).find(isOneCharacter)
    yield piece ? piece.toString() : String.fromCharCode(0xdc00 + (bytes[at] ?? 0))
    at += piece?.length ?? 1
  }
}

function isOneCharacter(bytes: Buffer): boolean {
  const text = bytes.toString()
  return [...text].length === 1 && Buffer.from(text).equals(bytes)
}
