import type { Annotations } from '../annotations.ts'
import type { Aggregation, AggregationOperator, Span } from '../ast.ts'
import { EvaluationError } from '../errors.ts'
import { invalidQuantile } from '../functions/over-time.ts'
import type { Vector } from '../values.ts'
import { countValues } from './count-values.ts'
import { fold } from './fold.ts'
import { groupsOf } from './groups.ts'
import { type SelectOperator, select } from './select.ts'

/** The parameter of an aggregation that has one: for each step, or the label of `count_values`. */
export type Parameter = { readonly values: Float64Array } | { readonly label: string } | undefined

/**
 * One element, or some of them, for each group of a vector.
 *
 * @throws EvaluationError when the parameter is impossible
 */
export function aggregate(
  { operator, grouping, parameter: expression }: Aggregation,
  vector: Vector,
  parameter: Parameter,
  annotations: Annotations,
  count: number,
): Vector {
  const label = parameter && 'label' in parameter ? parameter.label : ''
  if (operator === 'count_values') return countValues(vector, grouping, label, count)
  const values = parameter && 'values' in parameter ? parameter.values : undefined
  if (isSelect(operator)) {
    const limits = checkedLimits(operator, values ?? new Float64Array(count), annotations, expression?.span)
    return select(groupsOf(vector, grouping), operator, limits, count)
  }
  if (operator === 'quantile' && expression) warnOfQuantiles(values, annotations, expression.span)
  return fold(groupsOf(vector, grouping), operator, values, count)
}

const selectOperators: readonly AggregationOperator[] = ['topk', 'bottomk', 'limitk', 'limit_ratio']

function isSelect(operator: AggregationOperator): operator is SelectOperator {
  return selectOperators.includes(operator)
}

/** The largest whole number that Prometheus takes for a limit. */
const largestLimit = 2 ** 63

function checkedLimits(
  operator: SelectOperator,
  limits: Float64Array,
  annotations: Annotations,
  about: Span | undefined,
): Float64Array {
  if (operator === 'limit_ratio') return limits.map((ratio) => checkedRatio(ratio, annotations, about))
  for (const limit of limits) {
    if (Number.isNaN(limit)) throw new EvaluationError('Parameter value is NaN')
    if (limit >= largestLimit) throw new EvaluationError(`Scalar value ${limit} overflows int64`)
    if (limit <= -largestLimit) throw new EvaluationError(`Scalar value ${limit} underflows int64`)
  }
  return limits
}

function checkedRatio(ratio: number, annotations: Annotations, about: Span | undefined): number {
  if (Number.isNaN(ratio)) throw new EvaluationError('Ratio value is NaN')
  const capped = Math.max(-1, Math.min(1, ratio))
  if (capped !== ratio && about) {
    annotations.warn(`ratio value should be between -1 and 1, got ${ratio}, capping to ${capped}`, about)
  }
  return capped
}

function warnOfQuantiles(phis: Float64Array | undefined, annotations: Annotations, about: Span): void {
  for (const phi of new Set(phis)) {
    if (!(phi >= 0 && phi <= 1)) annotations.warn(invalidQuantile(phi), about)
  }
}
