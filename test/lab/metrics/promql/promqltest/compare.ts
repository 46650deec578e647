import { compareLabels, keyOf, type Labels, labelsText } from '../../../../../src/lab/metrics/labels.ts'
import type { Answer, Result } from '../../../../../src/lab/metrics/promql/engine.ts'
import type { Evaluation, Expected, MessageTest } from './script.ts'
import type { NotedSeries } from './series-notation.ts'

const relativeTolerance = 1e-6
const smallestNormal = 2 ** -1022

/** What differs from what was expected; undefined when nothing does. */
export function difference(evaluation: Evaluation, answer: Answer): string | undefined {
  const { expected } = evaluation
  return (
    annotationDifference('warning', expected.warnings, expected.noWarnings, answer.warnings) ??
    annotationDifference('info', expected.infos, expected.noInfos, answer.infos) ??
    resultDifference(evaluation, answer.result)
  )
}

function annotationDifference(
  kind: string,
  expected: readonly MessageTest[] | undefined,
  none: boolean | undefined,
  found: readonly string[],
): string | undefined {
  if (none && found.length > 0) return `unexpected ${kind}: ${found.join('; ')}`
  if (!expected) return undefined
  const missed = expected.filter((test) => !found.some(test)).length
  if (missed > 0) return `an expected ${kind} is missing, found: ${found.join('; ') || 'none'}`
  const unexpected = found.find((message) => !expected.some((test) => test(message)))
  return unexpected && `unexpected ${kind}: ${unexpected}`
}

function resultDifference(evaluation: Evaluation, result: Result): string | undefined {
  const { expected } = evaluation
  switch (result.type) {
    case 'string':
      return result.text === expected.text ? undefined : `expected the string ${expected.text}, found ${result.text}`
    case 'scalar':
      if (expected.scalar === undefined) return `expected a vector, found the scalar ${result.value}`
      return isSame(expected.scalar, result.value) ? undefined : `expected ${expected.scalar}, found ${result.value}`
    case 'vector':
      return expected.scalar !== undefined ? 'expected a scalar, found a vector' : vectorDifference(expected, result)
    case 'matrix':
      return matrixDifference(evaluation, result)
  }
}

function vectorDifference(expected: Expected, { elements }: Result & { type: 'vector' }): string | undefined {
  const found = elements.map(({ labels, value }) => ({ labels, points: new Map([[0, value]]) }))
  return (
    seriesDifference(
      expected.series.map(({ labels, points }) => ({ labels, points: pointsAt(points, 0, 1) })),
      found,
    ) ?? (expected.ordered ? orderDifference(expected.series, elements) : undefined)
  )
}

function orderDifference(expected: readonly NotedSeries[], found: readonly { labels: Labels }[]): string | undefined {
  const at = expected.findIndex(({ labels }, i) => keyOf(labels) !== keyOf(found[i]?.labels ?? {}))
  return at < 0 ? undefined : `expected ${labelsText(expected[at]?.labels ?? {})} at place ${at + 1}`
}

function matrixDifference(evaluation: Evaluation, { elements }: Result & { type: 'matrix' }): string | undefined {
  const { isRange, startMs, stepMs, expected } = evaluation
  if (!isRange && !expected.rangeVector) return 'expected a vector, found a range vector'
  const grid = expected.rangeVector ?? { startMs, stepMs }
  const unsorted = elements.some(({ labels }, i) => i > 0 && compareLabels(elements[i - 1]?.labels ?? {}, labels) > 0)
  if (unsorted) return 'the series are not in the order of their labels'
  return seriesDifference(
    expected.series.map(({ labels, points }) => ({ labels, points: pointsAt(points, grid.startMs, grid.stepMs) })),
    elements.map(({ labels, times, values }) => ({
      labels,
      points: new Map(Array.from(times, (at, i) => [at, values[i] ?? Number.NaN])),
    })),
  )
}

interface Points {
  labels: Labels
  points: Map<number, number>
}

function pointsAt(points: NotedSeries['points'], startMs: number, stepMs: number): Map<number, number> {
  const known = points.flatMap((point, i) =>
    typeof point === 'number' ? [[startMs + i * stepMs, point] as const] : [],
  )
  return new Map(known)
}

function seriesDifference(expected: readonly Points[], found: readonly Points[]): string | undefined {
  const foundByKey = new Map(found.map((series) => [keyOf(series.labels), series]))
  for (const { labels, points } of expected) {
    const name = labelsText(labels)
    const series = foundByKey.get(keyOf(labels))
    foundByKey.delete(keyOf(labels))
    if (!series && points.size > 0) return `expected ${name}, which is not there; found ${shown(found)}`
    const foundPoints = series?.points ?? new Map<number, number>()
    if (foundPoints.size !== points.size) return `expected ${points.size} points of ${name}, found ${shown(found)}`
    for (const [at, value] of points) {
      const other = foundPoints.get(at)
      if (other === undefined || !isSame(value, other)) return `expected ${value} of ${name} at ${at}, found ${other}`
    }
  }
  const [unexpected] = foundByKey.values()
  return unexpected && `unexpected ${labelsText(unexpected.labels)} ${[...unexpected.points.values()].join(' ')}`
}

function shown(series: readonly Points[]): string {
  const lines = series
    .slice(0, 5)
    .map(({ labels, points }) => `${labelsText(labels)} ${[...points.values()].join(' ')}`)
  return lines.join(' | ') || 'nothing'
}

/** As Prometheus compares in these tests. */
export function isSame(a: number, b: number): boolean {
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return true
  const sum = Math.abs(a) + Math.abs(b)
  const distance = Math.abs(a - b)
  if (a === 0 || b === 0 || sum < smallestNormal) return distance < relativeTolerance * smallestNormal
  return distance / Math.min(sum, Number.MAX_VALUE) < relativeTolerance
}
