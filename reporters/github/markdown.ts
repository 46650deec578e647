/** A text in Markdown that means nothing but itself, on a single line: a title or a reason may hold anything. */
export function plain(text: string, longest = 500): string {
  const line = text.replace(/\s+/g, ' ').trim()
  const cut = line.length > longest ? `${line.slice(0, longest)}…` : line
  return cut
    .replace(/[&<>]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[sign] ?? sign)
    .replace(/[\\`*_{}[\]()#+!|~@]/g, (sign) => `&#${sign.charCodeAt(0)};`)
}

export function link(text: string, href: string | undefined): string {
  return href === undefined ? text : `[${text}](<${href.replace(/[<>\s]/g, encodeURIComponent)}>)`
}

/** Rows of cells that are Markdown already. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)]
}

/** A part that is opened by a click. */
export function details(summary: string, body: readonly string[], isOpen: boolean): string[] {
  return [`<details${isOpen ? ' open' : ''}><summary>${summary}</summary>`, '', ...body, '', '</details>', '']
}
