import { appendFileSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { request } from 'undici'
import type { RunPaths } from '../journal/runs.ts'
import { writeFileAtomically } from '../support/files.ts'

/** Spans as OTLP JSON (opentelemetry.io/docs/specs/otlp), as far as we need to know it. */
interface OtlpTraces {
  resourceSpans: unknown[]
}

/**
 * Keeps the spans that the services have sent to the lab's receiver. Spans are for looking at: when they cannot be had,
 * the run goes on without them.
 */
export async function collectServiceSpans(otlpUrl: string, path: string): Promise<void> {
  try {
    const { body, statusCode } = await request(`${otlpUrl}/v1/traces`, { headersTimeout: 2000, bodyTimeout: 2000 })
    const text = await body.text()
    if (statusCode === 200) appendFileSync(path, `${text}\n`)
  } catch {
    // The lab has ended.
  }
}

/** Writes `traces.json`: the spans of the experiments and of the services, as one OTLP JSON document. */
export function mergeSpans(paths: RunPaths): void {
  const files = existsSync(paths.spans) ? readdirSync(paths.spans).sort() : []
  const resourceSpans = files
    .flatMap((name) => readFileSync(join(paths.spans, name), 'utf8').split('\n'))
    .filter((line) => line !== '')
    .flatMap((line) => (JSON.parse(line) as OtlpTraces).resourceSpans)
  writeFileAtomically(paths.traces, `${JSON.stringify({ resourceSpans })}\n`)
}
