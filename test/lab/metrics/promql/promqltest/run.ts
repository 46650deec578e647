import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  identify,
  keyOf,
  type Labels,
  labelOf,
  metricNameLabel,
  withLabel,
  withoutLabels,
} from '../../../../../src/lab/metrics/labels.ts'
import type { LabelMatcher } from '../../../../../src/lab/metrics/matchers.ts'
import { instantQuery, rangeQuery } from '../../../../../src/lab/metrics/promql/engine.ts'
import { NotSupportedError } from '../../../../../src/lab/metrics/promql/errors.ts'
import type { SeriesSource } from '../../../../../src/lab/metrics/promql/source.ts'
import { Storage } from '../../../../../src/lab/metrics/storage.ts'
import { differenceAsRange } from './as-range.ts'
import { difference } from './compare.ts'
import { type Evaluation, type Load, readScript } from './script.ts'

/** What became of one `eval` of a script. */
export interface Outcome {
  file: string
  line: number
  query: string
  outcome: 'passed' | 'failed' | 'out of scope'
  /** Why it did not pass; empty when it did. */
  reason: string
}

/** Runs every `*.test` of a folder. */
export function runFolder(folder: string): Outcome[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.test'))
  return files.sort().flatMap((file) => runScript(file, readFileSync(join(folder, file), 'utf8')))
}

export function runScript(file: string, text: string): Outcome[] {
  let world = new World()
  const outcomes: Outcome[] = []
  for (const command of readScript(text)) {
    if (command.kind === 'clear') world = new World()
    else if (command.kind === 'load') world.load(command)
    else outcomes.push({ file, line: command.line, query: command.query, ...world.evaluate(command) })
  }
  return outcomes
}

type Judgement = Pick<Outcome, 'outcome' | 'reason'>

/** The data that a script has loaded so far, with what can be asked of them. */
class World implements SeriesSource {
  readonly #storage = new Storage({ maxSamples: Number.POSITIVE_INFINITY, retentionMs: Number.POSITIVE_INFINITY })
  /** Series that are not only what the storage has of them, each with what else there is. */
  readonly #beyond = new Map<string, { labels: Labels; what: string }>()
  #touched: string | undefined

  load({ stepMs, series, withNative }: Load): void {
    // Of two lines for the same series the later one counts.
    const byKey = new Map(series.filter((each) => !each.startTimes).map((each) => [keyOf(each.labels), each]))
    for (const { labels, startTimes } of series) {
      if (startTimes) this.#mark(labels, 'start timestamps (feature flag)')
    }
    for (const { labels, points } of byKey.values()) {
      if (points.includes('native histogram')) this.#mark(labels, 'native histograms')
      if (withNative) this.#mark(nativeTwin(labels), 'native histograms')
      const identity = identify(labels)
      for (const [i, point] of points.entries()) {
        if (point === 'stale') this.#storage.appendStale(identity, i * stepMs)
        else if (typeof point === 'number') this.#storage.append(identity, i * stepMs, point)
      }
    }
  }

  evaluate(evaluation: Evaluation): Judgement {
    const { query, startMs, endMs, stepMs, isRange, expected } = evaluation
    if (expected.series.some(({ points }) => points.includes('native histogram')))
      return outOfScope('native histograms')
    this.#touched = undefined
    try {
      const answer = isRange ? rangeQuery(query, this, { startMs, endMs, stepMs }) : instantQuery(query, this, startMs)
      if (this.#touched) return outOfScope(this.#touched)
      if (expected.failure) return failed('expected a failure, and it did not fail')
      const asRange = () => (isRange ? undefined : differenceAsRange(query, this, startMs, answer.result))
      return judgement(difference(evaluation, answer) ?? asRange())
    } catch (error) {
      if (this.#touched) return outOfScope(this.#touched)
      if (error instanceof NotSupportedError) return outOfScope(error.what)
      const message = error instanceof Error ? error.message : String(error)
      if (!expected.failure) return failed(message)
      const matches = expected.failure.every((test) => test(message))
      return judgement(matches ? undefined : `it failed with another message: ${message}`)
    }
  }

  select(matchers: readonly LabelMatcher[]): ReturnType<SeriesSource['select']> {
    for (const { labels, what } of this.#beyond.values()) {
      if (matchers.every((matcher) => matcher.matches(labelOf(labels, matcher.label)))) this.#touched = what
    }
    return this.#storage.select(matchers)
  }

  #mark(labels: Labels, what: string): void {
    this.#beyond.set(keyOf(labels), { labels, what })
  }
}

/** The native histogram that the buckets of a classic one also are. */
function nativeTwin(labels: Labels): Labels {
  const name = labelOf(labels, metricNameLabel).replace(/_(?:bucket|count|sum)$/, '')
  return withLabel(withoutLabels(labels, ['le']), metricNameLabel, name)
}

function judgement(reason: string | undefined): Judgement {
  return reason === undefined ? { outcome: 'passed', reason: '' } : failed(reason)
}

function failed(reason: string): Judgement {
  return { outcome: 'failed', reason }
}

function outOfScope(reason: string): Judgement {
  return { outcome: 'out of scope', reason }
}
