import { gzipSync } from 'node:zlib'

/** What could end the element that it stands in, or a line of JavaScript that JSON allows inside a string. */
const unsafe = /[<>&\u2028\u2029]/g

/**
 * A value as JSON that is safe inside a `<script type="application/json">`, whatever its strings hold: it has no `<`, so
 * neither `</script>` nor `<!--` can be in it.
 */
export function embeddedJson(value: unknown): string {
  return JSON.stringify(value).replace(unsafe, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

/** The same for much of it: gzip in Base64. */
export function embeddedArchive(value: unknown): string {
  return gzipSync(JSON.stringify(value)).toString('base64')
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** A text that is safe in HTML, between tags or in a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '')
}
