import { arithmetic, comparison } from '../arithmetic.ts'
import { type Binary, isComparison, isSetOperator } from '../ast.ts'
import { isPresent, setValue, type Vector, valueAt } from '../values.ts'

/** An operator between two scalars. */
export function ofScalars({ operator }: Binary, left: Float64Array, right: Float64Array): Float64Array {
  if (isSetOperator(operator)) return left
  const meaning = isComparison(operator)
    ? (a: number, b: number) => Number(comparison[operator](a, b))
    : arithmetic[operator]
  return left.map((value, step) => meaning(value, right[step] ?? Number.NaN))
}

/**
 * An operator between a vector and a scalar. A comparison keeps the elements for which it is true, or says of each
 * whether it is (`bool`).
 *
 * @param swapped whether the scalar is the left side
 */
export function ofVectorAndScalar(binary: Binary, vector: Vector, scalar: Float64Array, swapped: boolean): Vector {
  const { operator, returnBool } = binary
  if (isSetOperator(operator)) return vector
  const apply = <Result>(meaning: (left: number, right: number) => Result, value: number, step: number): Result => {
    const other = scalar[step] ?? Number.NaN
    return swapped ? meaning(other, value) : meaning(value, other)
  }
  return vector.map((column) => {
    const { labels, dropName, present } = column
    if (!isComparison(operator)) {
      const meaning = arithmetic[operator]
      return {
        labels,
        dropName: true,
        present,
        values: column.values.map((value, step) => apply(meaning, value, step)),
      }
    }
    const holds = comparison[operator]
    if (returnBool) {
      return {
        labels,
        dropName: true,
        present,
        values: column.values.map((value, step) => Number(apply(holds, value, step))),
      }
    }
    const kept = { labels, dropName, values: column.values, present: new Uint8Array(present.length) }
    for (let step = 0; step < present.length; step++) {
      const value = valueAt(column, step)
      if (isPresent(column, step) && apply(holds, value, step)) setValue(kept, step, value)
    }
    return kept
  })
}
