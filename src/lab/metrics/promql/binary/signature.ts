import type { Matching } from '../ast.ts'
import { LabelChoice } from '../label-choice.ts'
import type { Column, Vector } from '../values.ts'

/** The labels that must be equal for two elements to belong together. */
export function matchedBy({ on, labels }: Matching): LabelChoice {
  return new LabelChoice(on ? 'named' : 'others', labels)
}

/** The columns of a vector by their signature: those with the same one match the same elements of the other side. */
export function bySignature(vector: Vector, matching: Matching): Map<string, Column[]> {
  const choice = matchedBy(matching)
  const groups = new Map<string, Column[]>()
  for (const column of vector) {
    const key = choice.key(column.labels)
    const group = groups.get(key)
    if (group) group.push(column)
    else groups.set(key, [column])
  }
  return groups
}
