import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { writeFileAtomically } from '../support/files.ts'
import type { RunPaths } from './runs.ts'

/**
 * Writes `traces.json` from the exports of the spec files and of their services: one OTLP JSON document
 * (opentelemetry.io/docs/specs/otlp). The exports are removed; doing it again without them changes nothing.
 */
export function writeTraces(paths: RunPaths): void {
  if (!existsSync(paths.spans)) return
  const resourceSpans = readdirSync(paths.spans)
    .sort()
    .flatMap((name) => readFileSync(join(paths.spans, name), 'utf8').split('\n'))
    .flatMap(resourceSpansOf)
  writeFileAtomically(paths.traces, `${JSON.stringify({ resourceSpans })}\n`)
  rmSync(paths.spans, { recursive: true })
}

/** The spans of one export. A torn line, the last word of a worker that died, has none. */
function resourceSpansOf(line: string): unknown[] {
  try {
    const { resourceSpans }: { resourceSpans?: unknown[] } = JSON.parse(line)
    return resourceSpans ?? []
  } catch {
    return []
  }
}
