import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { request } from 'undici'
import type { ReadBackSource } from '../config/traces.ts'
import type { RunPaths } from '../journal/runs.ts'
import { hypothesesOf, type RunState } from '../journal/state.ts'
import { knownSpans } from '../journal/traces.ts'
import { systemClock } from '../support/clock.ts'
import { messageOf } from '../support/errors.ts'
import { type ResourceSpans, spansOfAnswer } from './otlp-answer.ts'

/** What was read of some traces. */
export interface ReadBack {
  resourceSpans: ResourceSpans[]
  /** Traces without a span that was not known before. */
  missing: number
  /** Why the last of them could not be read, if it could not. */
  problem?: string
}

const mostTraces = 100
const atATime = 8
const pauseMs = 500
const mostBytesOfATrace = 4 * 1024 * 1024

/**
 * Adds to a run the spans that its services have sent to a Jaeger or a Tempo of theirs: those of its hypotheses and of the
 * requests that are worth a look. Spans are for looking at: what cannot be had in time is said, and changes no verdict.
 */
export async function embedServiceSpans(
  source: ReadBackSource,
  { paths, state, notice }: { paths: RunPaths; state: RunState; notice(message: string): void },
): Promise<void> {
  const traceIds = tracesWorthReading(state)
  if (traceIds.length === 0) return
  const { resourceSpans, missing, problem } = await readBack(source, traceIds, knownSpans(paths))
  if (resourceSpans.length > 0) {
    appendFileSync(join(paths.spans, 'read-back.ndjson'), `${JSON.stringify({ resourceSpans })}\n`)
  }
  if (missing === traceIds.length) {
    const why = problem ?? 'it had none of them in time. Do the services send theirs there?'
    notice(`No spans of services could be read from ${source.name}: ${why}`)
  }
}

function tracesWorthReading(state: RunState): string[] {
  const ids = hypothesesOf(state).flatMap(({ traceId, traffic }) => [
    traceId,
    ...traffic.flatMap(({ exemplars }) => exemplars.map((exemplar) => exemplar.traceId)),
  ])
  return [...new Set(ids)].filter((id) => id !== '').slice(0, mostTraces)
}

/**
 * Reads traces until each has spans that were not known, and no more come, or until the time of the source is over:
 * back ends take a while to take spans in.
 *
 * @param known ids of spans that need not be read again: our own
 */
export async function readBack(
  source: ReadBackSource,
  traceIds: readonly string[],
  known: ReadonlySet<string>,
): Promise<ReadBack> {
  const signal = AbortSignal.timeout(source.withinMs)
  const left = [...traceIds]
  const result: ReadBack = { resourceSpans: [], missing: 0 }
  const readSome = async () => {
    for (let id = left.shift(); id !== undefined; id = left.shift()) {
      const { spans, problem } = await readTrace(source, id, { known, signal })
      result.resourceSpans.push(...spans)
      if (spans.length === 0) result.missing += 1
      if (problem !== undefined) result.problem = problem
    }
  }
  await Promise.all(Array.from({ length: atATime }, readSome))
  return result
}

interface Reading {
  known: ReadonlySet<string>
  signal: AbortSignal
}

async function readTrace(
  source: ReadBackSource,
  id: string,
  { known, signal }: Reading,
): Promise<{ spans: ResourceSpans[]; problem?: string }> {
  let spans: ResourceSpans[] = []
  let problem: string | undefined
  while (!signal.aborted) {
    try {
      const found = unknownOf(await ask(source, id, signal), known)
      const hasGrown = countOf(found) > countOf(spans)
      spans = found
      problem = undefined
      if (countOf(spans) > 0 && !hasGrown) break
    } catch (error) {
      if (!signal.aborted) problem = messageOf(error)
    }
    await systemClock.sleep(pauseMs, signal).catch(() => undefined)
  }
  return { spans, ...(problem === undefined ? {} : { problem }) }
}

/** Nothing of a trace that is not there yet. */
async function ask(source: ReadBackSource, id: string, signal: AbortSignal): Promise<ResourceSpans[]> {
  const headers = { accept: 'application/json', ...source.headers }
  const { statusCode, body } = await request(`${source.url}/${id}`, { headers, signal })
  let text = ''
  for await (const chunk of body.setEncoding('utf8')) {
    text += chunk
    if (text.length > mostBytesOfATrace) throw new Error(`the trace ${id} is larger than 4 MB`)
  }
  if (statusCode === 404) return []
  if (statusCode !== 200) throw new Error(`it answered ${statusCode}: ${text.trim().slice(0, 200)}`)
  return spansOfAnswer(text)
}

function unknownOf(resourceSpans: readonly ResourceSpans[], known: ReadonlySet<string>): ResourceSpans[] {
  const groups = resourceSpans.map(({ scopeSpans, ...resource }) => ({
    ...resource,
    scopeSpans: scopeSpans
      .map((scope) => ({ ...scope, spans: scope.spans.filter(({ spanId }) => !known.has(spanId)) }))
      .filter(({ spans }) => spans.length > 0),
  }))
  return groups.filter(({ scopeSpans }) => scopeSpans.length > 0)
}

function countOf(resourceSpans: readonly ResourceSpans[]): number {
  return resourceSpans.reduce(
    (sum, { scopeSpans }) => sum + scopeSpans.reduce((inner, { spans }) => inner + spans.length, 0),
    0,
  )
}
