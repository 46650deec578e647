import type { Binary, SetOperator } from '../ast.ts'
import type { Column, Vector } from '../values.ts'
import { bySignature } from './signature.ts'

/** `and`, `or`, `unless`: which elements are there, by whether the other side has one with the same labels. */
export function setOperation(operator: SetOperator, { matching }: Binary, left: Vector, right: Vector): Vector {
  const [here, there] = operator === 'or' ? [right, left] : [left, right]
  const others = bySignature(there, matching)
  const kept: Column[] = []
  for (const [signature, columns] of bySignature(here, matching)) {
    const present = presentInAny(others.get(signature) ?? [])
    for (const column of columns) kept.push(restricted(column, operator === 'and', present))
  }
  return operator === 'or' ? [...left, ...kept] : kept
}

/** For each step whether any of the columns has a value; undefined where there are no columns. */
function presentInAny(columns: readonly Column[]): Uint8Array | undefined {
  const [first, ...others] = columns
  if (!first) return undefined
  const present = first.present.slice()
  for (const other of others) {
    for (let step = 0; step < present.length; step++) present[step] = (present[step] ?? 0) | (other.present[step] ?? 0)
  }
  return present
}

/** Only the steps at which the other side has something, or at which it has not. */
function restricted(column: Column, whereOther: boolean, other: Uint8Array | undefined): Column {
  const wanted = whereOther ? 1 : 0
  const present = column.present.map((there, step) => ((other?.[step] ?? 0) === wanted ? there : 0))
  return { ...column, present }
}
