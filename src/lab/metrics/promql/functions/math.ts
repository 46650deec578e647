import { maxOf, minOf } from '../numbers.ts'
import { constant, mapValues, type Vector } from '../values.ts'
import { type Arguments, type FunctionDefinition, type Functions, perValue, vectorValue } from './definition.ts'

const degreesPerRadian = 180 / Math.PI

/** Functions of each value by itself, and of scalars. */
export const mathFunctions: Functions = {
  abs: perValue(Math.abs),
  ceil: perValue(Math.ceil),
  floor: perValue(Math.floor),
  exp: perValue(Math.exp),
  sqrt: perValue(Math.sqrt),
  ln: perValue(Math.log),
  log2: perValue(Math.log2),
  log10: perValue(Math.log10),
  sgn: perValue(Math.sign),
  sin: perValue(Math.sin),
  cos: perValue(Math.cos),
  tan: perValue(Math.tan),
  asin: perValue(Math.asin),
  acos: perValue(Math.acos),
  atan: perValue(Math.atan),
  sinh: perValue(Math.sinh),
  cosh: perValue(Math.cosh),
  tanh: perValue(Math.tanh),
  asinh: perValue(Math.asinh),
  acosh: perValue(Math.acosh),
  atanh: perValue(Math.atanh),
  rad: perValue((degrees) => degrees / degreesPerRadian),
  deg: perValue((radians) => radians * degreesPerRadian),
  pi: {
    parameters: [],
    returns: 'scalar',
    evaluate: ({ grid }) => ({ type: 'scalar', values: constant(Math.PI, grid) }),
  },
  round: {
    parameters: ['vector', 'scalar'],
    required: 1,
    returns: 'vector',
    evaluate: (call) => vectorValue(rounded(call.vector(0), call.count > 1 ? call.scalar(1) : constant(1, call.grid))),
  },
  clamp: {
    parameters: ['vector', 'scalar', 'scalar'],
    returns: 'vector',
    evaluate: (call) => vectorValue(clamped(call.vector(0), call.scalar(1), call.scalar(2))),
  },
  clamp_min: {
    parameters: ['vector', 'scalar'],
    returns: 'vector',
    evaluate: (call) =>
      vectorValue(clamped(call.vector(0), call.scalar(1), constant(Number.POSITIVE_INFINITY, call.grid))),
  },
  clamp_max: {
    parameters: ['vector', 'scalar'],
    returns: 'vector',
    evaluate: (call) =>
      vectorValue(clamped(call.vector(0), constant(Number.NEGATIVE_INFINITY, call.grid), call.scalar(1))),
  },
  max_of: ofTwoScalars(maxOf),
  min_of: ofTwoScalars(minOf),
}

/** To a multiple of `nearest`; what lies in the middle is rounded up. */
function rounded(vector: Vector, nearest: Float64Array): Vector {
  return mapValues(vector, (value, step) => {
    const perUnit = 1 / at(nearest, step)
    return Math.floor(value * perUnit + 0.5) / perUnit
  })
}

/** Where the upper bound is below the lower one, there is nothing. */
function clamped(vector: Vector, lower: Float64Array, upper: Float64Array): Vector {
  const possible = Uint8Array.from(lower, (bound, step) => (at(upper, step) < bound ? 0 : 1))
  const bounded = mapValues(vector, (value, step) => maxOf(at(lower, step), minOf(at(upper, step), value)))
  if (!possible.includes(0)) return bounded
  return bounded.map((column) => ({
    ...column,
    present: column.present.map((there, step) => there & (possible[step] ?? 0)),
  }))
}

function ofTwoScalars(meaning: (a: number, b: number) => number): FunctionDefinition {
  return {
    parameters: ['scalar', 'scalar'],
    returns: 'scalar',
    evaluate: (call: Arguments) => {
      const second = call.scalar(1)
      return { type: 'scalar', values: call.scalar(0).map((value, step) => meaning(value, at(second, step))) }
    },
  }
}

function at(values: Float64Array, step: number): number {
  return values[step] ?? Number.NaN
}
