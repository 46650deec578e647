import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { writeFileAtomically } from '../support/files.ts'
import { lostSpans } from './lost-spans.ts'
import { redactSpans } from './redact-spans.ts'
import { readRules, redactionBy } from './redaction.ts'
import type { RunPaths } from './runs.ts'
import type { RunState } from './state.ts'

/**
 * Writes `traces.json` from the exports of the spec files and of their services, and from what the events know beside:
 * one OTLP JSON document (opentelemetry.io/docs/specs/otlp). The exports are removed; doing it again adds only what has
 * happened since.
 */
export function writeTraces(paths: RunPaths, state: RunState): void {
  const exported = redactSpans(readTraces(paths), redactionBy(readRules(paths.folder)))
  const resourceSpans = [...exported, ...lostSpans(state, spanIdsOf(exported))]
  if (!existsSync(paths.spans) && resourceSpans.length === exported.length) return
  writeFileAtomically(paths.traces, `${JSON.stringify({ resourceSpans })}\n`)
  rmSync(paths.spans, { recursive: true, force: true })
}

/** The spans of a run, as OTLP JSON: of `traces.json`, or, while there is none, of the exports. */
export function readTraces(paths: RunPaths): unknown[] {
  return existsSync(paths.traces) ? resourceSpansOf(readFileSync(paths.traces, 'utf8')) : readExports(paths)
}

function readExports(paths: RunPaths): unknown[] {
  if (!existsSync(paths.spans)) return []
  return readdirSync(paths.spans)
    .sort()
    .flatMap((name) => readFileSync(join(paths.spans, name), 'utf8').split('\n'))
    .flatMap(resourceSpansOf)
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

interface ResourceSpans {
  scopeSpans?: { spans?: { spanId?: string }[] }[]
}

/** The ids of the spans of a run. */
export function knownSpans(paths: RunPaths): Set<string> {
  return spanIdsOf(readTraces(paths))
}

function spanIdsOf(resourceSpans: readonly unknown[]): Set<string> {
  const spans = (resourceSpans as ResourceSpans[]).flatMap(({ scopeSpans = [] }) =>
    scopeSpans.flatMap(({ spans = [] }) => spans),
  )
  return new Set(spans.map(({ spanId = '' }) => spanId))
}
