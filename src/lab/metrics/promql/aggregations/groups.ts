import type { Labels } from '../../labels.ts'
import type { Grouping } from '../ast.ts'
import { LabelChoice } from '../label-choice.ts'
import type { Column, Vector } from '../values.ts'

/** The columns that are aggregated into one. */
export interface Group {
  readonly labels: Labels
  readonly columns: Column[]
}

/** The groups of a vector, by the labels that `by` names, or by all but those that `without` does and the name. */
export function groupsOf(vector: Vector, grouping: Grouping): Group[] {
  const choice = choiceOf(grouping)
  const groups = new Map<string, Group>()
  for (const column of vector) {
    const key = choice.key(column.labels)
    const group = groups.get(key)
    if (group) group.columns.push(column)
    else groups.set(key, { labels: choice.labels(column.labels), columns: [column] })
  }
  return [...groups.values()]
}

export function choiceOf({ without, labels }: Grouping): LabelChoice {
  return new LabelChoice(without ? 'others' : 'named', labels)
}
