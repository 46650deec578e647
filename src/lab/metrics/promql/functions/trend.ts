import { EvaluationError } from '../errors.ts'
import { KahanSum } from '../numbers.ts'
import type { Window } from '../windows.ts'
import { type FunctionDefinition, type Functions, perWindow, vectorValue } from './definition.ts'

/** Functions that see a line or a smooth curve in the values of a range. */
export const trendFunctions: Functions = {
  deriv: perWindow((window) => (window.to - window.from < 2 ? undefined : regression(window, firstTime(window)).slope)),
  predict_linear: predictLinear(),
  double_exponential_smoothing: doubleExponentialSmoothing(),
}

interface Line {
  /** Per second. */
  slope: number
  /** Its value at the time of the intercept. */
  intercept: number
}

function firstTime({ run, from }: Window): number {
  return run.times[from] ?? 0
}

/** The line with the least squares of distances to the samples. */
function regression({ run: { times, values }, from, to }: Window, interceptMs: number): Line {
  const count = to - from
  const first = values[from] ?? 0
  if (values.subarray(from, to).every((value) => value === first)) {
    return Number.isFinite(first) ? { slope: 0, intercept: first } : { slope: Number.NaN, intercept: Number.NaN }
  }
  const [sumX, sumY, sumXY, sumX2] = [new KahanSum(), new KahanSum(), new KahanSum(), new KahanSum()]
  for (let i = from; i < to; i++) {
    const x = ((times[i] ?? 0) - interceptMs) / 1000
    const y = values[i] ?? 0
    sumX.add(x)
    sumY.add(y)
    sumXY.add(x * y)
    sumX2.add(x * x)
  }
  const covariance = sumXY.value - (sumX.value * sumY.value) / count
  const variance = sumX2.value - (sumX.value * sumX.value) / count
  const slope = covariance / variance
  return { slope, intercept: sumY.value / count - (slope * sumX.value) / count }
}

function predictLinear(): FunctionDefinition {
  return {
    parameters: ['matrix', 'scalar'],
    returns: 'vector',
    dependsOnTime: true,
    evaluate: (call) => {
      const ahead = call.scalar(1)
      return vectorValue(
        call.matrix(0).map((window, step) => {
          if (window.to - window.from < 2) return undefined
          const { slope, intercept } = regression(window, window.atMs)
          return slope * (ahead[step] ?? Number.NaN) + intercept
        }),
      )
    },
  }
}

function doubleExponentialSmoothing(): FunctionDefinition {
  return {
    parameters: ['matrix', 'scalar', 'scalar'],
    returns: 'vector',
    evaluate: (call) => {
      const [smoothing, trend] = [call.scalar(1), call.scalar(2)]
      return vectorValue(
        call.matrix(0).map((window, step) => {
          const [smoothingFactor, trendFactor] = [smoothing[step] ?? Number.NaN, trend[step] ?? Number.NaN]
          requireFactor('smoothing', 'sf', smoothingFactor)
          requireFactor('trend', 'tf', trendFactor)
          return smoothed(window, smoothingFactor, trendFactor)
        }),
      )
    },
  }
}

/** @throws EvaluationError */
function requireFactor(name: string, symbol: string, factor: number): void {
  if (factor > 0 && factor < 1) return
  throw new EvaluationError(`invalid ${name} factor. Expected: 0 < ${symbol} < 1, got: ${factor.toFixed(6)}`)
}

/** Holt's linear trend method: https://en.wikipedia.org/wiki/Exponential_smoothing */
function smoothed({ run: { values }, from, to }: Window, smoothing: number, trend: number): number | undefined {
  if (to - from < 2) return undefined
  let before = 0
  let level = values[from] ?? 0
  let slope = (values[from + 1] ?? 0) - level
  for (let i = from + 1; i < to; i++) {
    if (i > from + 1) slope = trend * (level - before) + (1 - trend) * slope
    const next = smoothing * (values[i] ?? 0) + (1 - smoothing) * (level + slope)
    before = level
    level = next
  }
  return level
}
