import { createHash } from 'node:crypto'
import { viewOf } from '../terminal/verdicts.ts'
import type { ClientAssets } from './assets.ts'
import { embeddedArchive, embeddedJson, escapeHtml } from './embed.ts'
import type { HypothesisView } from './view.ts'
import type { Report } from './view-model.ts'

/**
 * The page, all in one file. It loads nothing and sends nothing, and runs no script but the one that it names by its
 * hash: its policy says so to the browser.
 */
export function renderPage({ view, book }: Report, { script, style }: ClientAssets): string {
  const policy = [
    "default-src 'none'",
    `script-src '${hashOf(script)}'`,
    `style-src '${hashOf(style)}'`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  const verdict = view.run.verdict ? viewOf(view.run.verdict).name : 'unfinished'
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="chaos-test ${escapeHtml(view.run.version)}">
<title>${escapeHtml(`${verdict} · ${view.run.id}`)}</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<div id="report"></div>
<noscript>${withoutScript(view.hypotheses)}</noscript>
<script type="application/json" id="view">${embeddedJson(view)}</script>
<script type="text/plain" id="traces">${embeddedArchive(book)}</script>
<script>${script}</script>
</body>
</html>
`
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`
}

/** What a reader without JavaScript needs most. */
function withoutScript(hypotheses: readonly HypothesisView[]): string {
  const items = hypotheses.map(({ verdict, title, sentence, place }) => {
    const head = `<strong>${escapeHtml(viewOf(verdict).name)}</strong> ${escapeHtml(title)}`
    return `<li>${head}<br>${escapeHtml(sentence)}<br><small>${escapeHtml(place)}</small></li>`
  })
  return `<main><h1>chaos-test</h1><ol>${items.join('')}</ol><p>The charts and traces of this report need JavaScript.</p></main>`
}
