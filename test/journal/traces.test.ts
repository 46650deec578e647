import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createRunFolder, newRunId } from '../../src/journal/runs.ts'
import { writeTraces } from '../../src/journal/traces.ts'

test('the exports of all files become one document, a torn last line apart', () => {
  const root = mkdtempSync(join(tmpdir(), 'chaos-traces-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  const paths = createRunFolder(root, newRunId(0))
  appendFileSync(join(paths.spans, 'a.ndjson'), '{"resourceSpans":[{"n":1}]}\n{"resourceSpans":[{"n":2}]}\n')
  appendFileSync(join(paths.spans, 'b.ndjson'), '{"resourceSpans":[{"n":3}]}\n{"resourceSp')

  writeTraces(paths)
  writeTraces(paths)

  expect(JSON.parse(readFileSync(paths.traces, 'utf8'))).toEqual({ resourceSpans: [{ n: 1 }, { n: 2 }, { n: 3 }] })
  expect(existsSync(paths.spans)).toBe(false)
})
