import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { ChaosEvent } from '../../src/journal/events.ts'
import { stateOf } from '../../src/journal/reduce.ts'
import { createRunFolder, newRunId, type RunPaths } from '../../src/journal/runs.ts'
import { emptyRun } from '../../src/journal/state.ts'
import { writeTraces } from '../../src/journal/traces.ts'

function newRun(): RunPaths {
  const root = mkdtempSync(join(tmpdir(), 'chaos-traces-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  return createRunFolder(root, newRunId(0))
}

test('the exports of all files become one document, a torn last line apart', () => {
  const paths = newRun()
  appendFileSync(join(paths.spans, 'a.ndjson'), '{"resourceSpans":[{"n":1}]}\n{"resourceSpans":[{"n":2}]}\n')
  appendFileSync(join(paths.spans, 'b.ndjson'), '{"resourceSpans":[{"n":3}]}\n{"resourceSp')

  writeTraces(paths, emptyRun)
  writeTraces(paths, emptyRun)

  expect(JSON.parse(readFileSync(paths.traces, 'utf8'))).toEqual({ resourceSpans: [{ n: 1 }, { n: 2 }, { n: 3 }] })
  expect(existsSync(paths.spans)).toBe(false)
})

test('what nobody could write while it ran is made from the events, and only once', () => {
  const paths = newRun()
  const traceId = '0af7651916cd43dd8448eb211c80319c'
  const place = { file: 'a.chaos.ts', hypothesis: 'h' }
  const events: ChaosEvent[] = [
    {
      type: 'hypothesis-started',
      at: 1000,
      ...place,
      title: 'it holds',
      expected: 'held',
      traceId,
      spanId: 'e'.repeat(16),
    },
    { type: 'phase-started', at: 1000, ...place, phase: 'before', spanId: 'b'.repeat(16) },
    { type: 'phase-ended', at: 1500, ...place, phase: 'before' },
    { type: 'phase-started', at: 1500, ...place, phase: 'method', spanId: 'c'.repeat(16) },
    { type: 'action-started', at: 1600, ...place, action: 'deadbeef', title: 'cut it', undo: 'it is whole' },
    {
      ...{ type: 'undo-ended', at: 2500, ...place, action: 'deadbeef', title: 'it is whole', status: 'undone' },
      ...{ by: 'guardian', startedAt: 2000 },
    },
    { type: 'hypothesis-ended', at: 3000, ...place, verdict: 'failed', deviated: false, reason: 'The worker died.' },
  ] as ChaosEvent[]
  const before = { traceId, spanId: 'b'.repeat(16), name: 'steady state before the method' }
  appendFileSync(
    join(paths.spans, 'a.ndjson'),
    `${JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [before] }] }] })}\n`,
  )

  writeTraces(paths, stateOf(events))
  writeTraces(paths, stateOf(events))

  const { resourceSpans } = JSON.parse(readFileSync(paths.traces, 'utf8'))
  expect(resourceSpans).toHaveLength(2)
  expect(resourceSpans[1].scopeSpans[0].spans).toEqual([
    expect.objectContaining({
      ...{ traceId, spanId: 'e'.repeat(16), name: 'it holds', status: { code: 2, message: 'The worker died.' } },
      ...{ startTimeUnixNano: '1000000000', endTimeUnixNano: '3000000000' },
    }),
    expect.objectContaining({
      ...{ traceId, spanId: 'c'.repeat(16), parentSpanId: 'e'.repeat(16), name: 'method' },
      ...{ status: { code: 2, message: 'It was cut short.' }, endTimeUnixNano: '3000000000' },
    }),
    expect.objectContaining({
      ...{ traceId, parentSpanId: 'e'.repeat(16), name: 'undo: it is whole', status: {} },
      ...{ startTimeUnixNano: '2000000000', endTimeUnixNano: '2500000000' },
      attributes: expect.arrayContaining([{ key: 'chaos_test.undo.by', value: { stringValue: 'guardian' } }]),
    }),
  ])
})
