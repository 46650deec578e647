import { createHash } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { clientAssets } from '../../../reporters/html/assets.ts'
import { renderPage } from '../../../reporters/html/page.ts'
import { reportOf } from '../../../reporters/html/view-model.ts'
import { Script, startMs } from '../../journal/script.ts'
import { exported, hex, span } from './otlp.ts'

const hostile = `</script><script>alert(1)</script><!--<script>\u2028' "&<img src=x onerror=alert(2)>`

function page(): string {
  const script = new Script().start('javascript:alert("{traceId}")')
  const file = script.file(`specs/${hostile}.chaos.ts`)
  file.hypothesis('a1', hostile).enter('method').leave('method', hostile).deviated(hostile)
  const own = span({ traceId: 'a1'.padStart(32, '0'), spanId: hex(1, 16), name: hostile, from: startMs, durationMs: 1 })
  return renderPage(reportOf(script.end('deviated', 1).events, [exported(hostile, [own])]), clientAssets())
}

test('it has the two blocks of data and the one script that it was given, whatever its strings hold', () => {
  const html = page()
  expect(html.match(/<script/g)).toHaveLength(3)
  expect(html.match(/<\/script/g)).toHaveLength(3)
  expect(html).not.toContain('<img')
  expect(html).not.toContain('<!--')
})

test('its data come out as they went in', () => {
  const html = page()
  const [, view = ''] = /id="view">(.*?)<\/script>/.exec(html) ?? []
  expect(JSON.parse(view).hypotheses[0]).toMatchObject({ title: hostile, verdict: 'deviated' })
  const [, packed = ''] = /id="traces">(.*?)<\/script>/.exec(html) ?? []
  expect(JSON.parse(gunzipSync(Buffer.from(packed, 'base64')).toString()).texts).toContain(hostile)
})

test('its policy allows its own script and style by their hashes, and nothing else', () => {
  const html = page()
  const [, policy = ''] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html) ?? []
  const { script, style } = clientAssets()
  const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
  expect(policy.split('; ')).toEqual([
    "default-src 'none'",
    `script-src ${hash(script)}`,
    `style-src ${hash(style)}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ])
})
