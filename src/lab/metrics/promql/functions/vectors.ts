import { type Labels, metricNameLabel, withLabel, withoutLabels } from '../../labels.ts'
import type { LabelMatcher } from '../../matchers.ts'
import { type Expression, withoutParentheses } from '../ast.ts'
import { type Column, emptyColumn, isPresent, setValue, type Vector, valueAt, vectorOfScalar } from '../values.ts'
import { type Arguments, type Functions, vectorValue } from './definition.ts'

/** Functions between vectors and scalars, and of whether a vector has anything. */
export const vectorFunctions: Functions = {
  vector: {
    parameters: ['scalar'],
    returns: 'vector',
    evaluate: (call) => vectorValue(vectorOfScalar(call.scalar(0))),
  },
  scalar: {
    parameters: ['vector'],
    returns: 'scalar',
    evaluate: (call) => ({ type: 'scalar', values: onlyValues(call.vector(0), call.grid.count) }),
  },
  absent: {
    parameters: ['vector'],
    returns: 'vector',
    evaluate: (call) => vectorValue(absence(call, call.vector(0))),
  },
  absent_over_time: {
    parameters: ['matrix'],
    returns: 'vector',
    evaluate: (call) =>
      vectorValue(
        absence(
          call,
          call.matrix(0).map(() => 1),
        ),
      ),
  },
}

/** The value of the only element of each step; NaN where there is none or more than one. */
function onlyValues(vector: Vector, count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, step) => {
    const there = vector.filter((column) => isPresent(column, step))
    return there.length === 1 ? valueAt(there[0] as Column, step) : Number.NaN
  })
}

/** One where the vector has nothing, with the labels that it would have had as far as the selector tells. */
function absence(call: Arguments, vector: Vector): Vector {
  const column = emptyColumn(labelsOfAbsent(call.expression(0)), false, call.grid.count)
  for (let step = 0; step < call.grid.count; step++) {
    if (!vector.some((other) => isPresent(other, step))) setValue(column, step, 1)
  }
  return [column]
}

function labelsOfAbsent(argument: Expression): Labels {
  const expression = withoutParentheses(argument)
  if (expression.type === 'vector selector') return labelsRequiredBy(expression.matchers)
  if (expression.type === 'matrix selector') return labelsRequiredBy(expression.vector.matchers)
  return {}
}

/** A label that is matched more than once, or not by `=`, tells nothing. */
function labelsRequiredBy(matchers: readonly LabelMatcher[]): Labels {
  const seen = new Set<string>()
  let labels: Labels = {}
  for (const { label, operator, value } of matchers) {
    if (label === metricNameLabel) continue
    const known = operator === '=' && !seen.has(label)
    labels = known ? withLabel(labels, label, value) : withoutLabels(labels, [label])
    if (operator === '=') seen.add(label)
  }
  return labels
}
