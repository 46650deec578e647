import { withLabel } from '../../labels.ts'
import type { Grouping } from '../ast.ts'
import { EvaluationError } from '../errors.ts'
import { plainDecimal } from '../numbers.ts'
import { quote } from '../strings.ts'
import { type Column, emptyColumn, isPresent, setValue, type Vector, valueAt } from '../values.ts'
import { choiceOf } from './groups.ts'

/**
 * How often each value occurs in a group, as a series for each value that bears it as a label.
 *
 * @throws EvaluationError when the label can be none
 */
export function countValues(vector: Vector, grouping: Grouping, label: string, count: number): Vector {
  if (label === '' || !label.isWellFormed()) throw new EvaluationError(`invalid label name ${quote(label)}`)
  const { without, labels: names } = grouping
  const choice = choiceOf(without ? grouping : { without, labels: [...names, label] })
  const results = new Map<string, Column>()
  for (const column of vector) {
    for (let step = 0; step < count; step++) {
      if (!isPresent(column, step)) continue
      const labels = withLabel(column.labels, label, plainDecimal(valueAt(column, step)))
      const key = choice.key(labels)
      const result = results.get(key) ?? emptyColumn(choice.labels(labels), false, count)
      results.set(key, result)
      setValue(result, step, (isPresent(result, step) ? valueAt(result, step) : 0) + 1)
    }
  }
  return [...results.values()]
}
