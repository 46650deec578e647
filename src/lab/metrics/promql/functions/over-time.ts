import { isQuantile, KahanSum, Mean, quantile } from '../numbers.ts'
import type { Window } from '../windows.ts'
import { type FunctionDefinition, type Functions, perWindow, vectorValue } from './definition.ts'

/** Functions that make one value of all values of a range. */
export const overTimeFunctions: Functions = {
  avg_over_time: perWindow((window) => fold(window, new Mean())),
  sum_over_time: perWindow((window) => fold(window, new KahanSum())),
  count_over_time: perWindow(({ from, to }) => to - from),
  present_over_time: perWindow(() => 1),
  min_over_time: perWindow((window) => valueAtIndex(window, extremum(window, isSmaller))),
  max_over_time: perWindow((window) => valueAtIndex(window, extremum(window, isLarger))),
  ts_of_min_over_time: perWindow((window) => secondsAt(window, extremum(window, isSmaller))),
  ts_of_max_over_time: perWindow((window) => secondsAt(window, extremum(window, isLarger))),
  first_over_time: perWindow((window) => valueAtIndex(window, window.from), { keepName: true }),
  last_over_time: perWindow((window) => valueAtIndex(window, window.to - 1), { keepName: true }),
  ts_of_first_over_time: perWindow((window) => secondsAt(window, window.from)),
  ts_of_last_over_time: perWindow((window) => secondsAt(window, window.to - 1)),
  stdvar_over_time: perWindow(variance),
  stddev_over_time: perWindow((window) => Math.sqrt(variance(window))),
  mad_over_time: perWindow(medianAbsoluteDeviation),
  quantile_over_time: quantileOverTime(),
}

function fold(
  { run: { values }, from, to }: Window,
  into: { add(value: number): void; readonly value: number },
): number {
  for (let i = from; i < to; i++) into.add(values[i] ?? 0)
  return into.value
}

/** The index of the smallest or the largest value; NaN only where there is nothing else. */
function extremum({ run: { values }, from, to }: Window, isBetter: (value: number, than: number) => boolean): number {
  let best = from
  for (let i = from + 1; i < to; i++) {
    const bestValue = values[best] ?? Number.NaN
    if (isBetter(values[i] ?? Number.NaN, bestValue) || (Number.isNaN(bestValue) && !Number.isNaN(values[i]))) best = i
  }
  return best
}

function isSmaller(value: number, than: number): boolean {
  return value < than
}

function isLarger(value: number, than: number): boolean {
  return value > than
}

function valueAtIndex({ run }: Window, index: number): number {
  return run.values[index] ?? Number.NaN
}

function secondsAt({ run }: Window, index: number): number {
  return (run.times[index] ?? Number.NaN) / 1000
}

/** Welford's algorithm, with compensated sums. */
function variance({ run: { values }, from, to }: Window): number {
  const mean = new KahanSum()
  const squares = new KahanSum()
  for (let i = from; i < to; i++) {
    const value = values[i] ?? 0
    const delta = value - mean.value
    mean.add(delta / (i - from + 1))
    squares.add(delta * (value - mean.value))
  }
  return squares.value / (to - from)
}

function medianAbsoluteDeviation({ run, from, to }: Window): number {
  const values = run.values.subarray(from, to)
  if (values.some(Number.isNaN)) return Number.NaN
  const median = quantile(0.5, values)
  return quantile(
    0.5,
    values.map((value) => Math.abs(value - median)),
  )
}

function quantileOverTime(): FunctionDefinition {
  return {
    parameters: ['scalar', 'matrix'],
    returns: 'vector',
    evaluate: (call) => {
      const phis = call.scalar(0)
      return vectorValue(
        call.matrix(1).map(({ run, from, to }, step) => {
          const phi = phis[step] ?? Number.NaN
          if (!isQuantile(phi)) call.annotations.warn(invalidQuantile(phi), call.expression(0).span)
          return quantile(phi, run.values.subarray(from, to))
        }),
      )
    },
  }
}

export function invalidQuantile(phi: number): string {
  return `quantile value should be between 0 and 1, got ${shown(phi)}`
}

/** As Go's `%g`. */
function shown(value: number): string {
  return value === Number.POSITIVE_INFINITY ? '+Inf' : value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value)
}
