import type { ArithmeticOperator, ComparisonOperator } from './ast.ts'

export type Arithmetic = (left: number, right: number) => number
export type Comparison = (left: number, right: number) => boolean

export const arithmetic: Readonly<Record<ArithmeticOperator, Arithmetic>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
  '%': (left, right) => left % right,
  '^': power,
  atan2: Math.atan2,
}

export const comparison: Readonly<Record<ComparisonOperator, Comparison>> = {
  '==': (left, right) => left === right,
  '!=': (left, right) => left !== right,
  '<': (left, right) => left < right,
  '>': (left, right) => left > right,
  '<=': (left, right) => left <= right,
  '>=': (left, right) => left >= right,
}

/** As C has it, and Go: one to any power is one, and minus one to an infinite one. */
function power(base: number, exponent: number): number {
  if (base === 1 || (base === -1 && Math.abs(exponent) === Number.POSITIVE_INFINITY)) return 1
  return base ** exponent
}
