import type { AggregationOperator } from '../ast.ts'
import { type Column, emptyColumn, isPresent, setValue, type Vector, valueAt } from '../values.ts'
import type { Group } from './groups.ts'
import { seriesHash } from './series-hash.ts'

export type SelectOperator = Extract<AggregationOperator, 'topk' | 'bottomk' | 'limitk' | 'limit_ratio'>

/** Some elements of each group, as they are: their labels stay. At one step, in the order that was asked for. */
export function select(
  groups: readonly Group[],
  operator: SelectOperator,
  parameter: Float64Array,
  count: number,
): Vector {
  return groups.flatMap(({ columns }) => {
    const selected = new Map<Column, Column>()
    for (let step = 0; step < count; step++) {
      const there = columns.filter((column) => isPresent(column, step))
      for (const column of choose(there, operator, parameter[step] ?? Number.NaN, step)) {
        const kept = selected.get(column) ?? emptyColumn(column.labels, column.dropName, count)
        selected.set(column, kept)
        setValue(kept, step, valueAt(column, step))
      }
    }
    return [...selected.values()]
  })
}

function choose(columns: Column[], operator: SelectOperator, parameter: number, step: number): Column[] {
  switch (operator) {
    case 'topk':
      return extremes(columns, parameter, step, -1)
    case 'bottomk':
      return extremes(columns, parameter, step, 1)
    case 'limitk':
      return columns.slice(0, Math.max(0, Math.trunc(parameter)))
    case 'limit_ratio':
      return columns.filter((column) => isSampled(column, parameter))
  }
}

/** The first in the order of their values; NaN comes last in both directions. */
function extremes(columns: Column[], limit: number, step: number, direction: 1 | -1): Column[] {
  const sorted = columns.sort((a, b) => {
    const [first, second] = [valueAt(a, step), valueAt(b, step)]
    if (Number.isNaN(first) || Number.isNaN(second)) return Number(Number.isNaN(first)) - Number(Number.isNaN(second))
    return direction * (first - second)
  })
  return sorted.slice(0, Math.max(0, Math.trunc(limit)))
}

/**
 * Whether a series is in a sample of its kind: the same ones for the same ratio whenever it is asked, and for the ratio
 * -r exactly those that are not there for 1 - r.
 */
function isSampled({ labels }: Column, ratio: number): boolean {
  const offset = Number(seriesHash(labels)) / 2 ** 64
  return ratio >= 0 ? offset < ratio : offset >= 1 + ratio
}
