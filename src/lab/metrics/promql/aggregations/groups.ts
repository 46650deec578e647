import { type Labels, labelOf, metricNameLabel, onlyLabels, withoutLabels } from '../../labels.ts'
import type { Grouping } from '../ast.ts'
import type { Column, Vector } from '../values.ts'

/** The columns that are aggregated into one. */
export interface Group {
  readonly labels: Labels
  readonly columns: Column[]
}

/** The groups of a vector, by the labels that `by` names, or by all but those that `without` does and the name. */
export function groupsOf(vector: Vector, grouping: Grouping): Group[] {
  const groups = new Map<string, Group>()
  const key = keyOfGroup(grouping)
  for (const column of vector) {
    const groupKey = key(column.labels)
    const group = groups.get(groupKey)
    if (group) group.columns.push(column)
    else groups.set(groupKey, { labels: groupLabels(column.labels, grouping), columns: [column] })
  }
  return [...groups.values()]
}

export function groupLabels(labels: Labels, { without, labels: names }: Grouping): Labels {
  return without ? withoutLabels(labels, [...names, metricNameLabel]) : onlyLabels(labels, names)
}

export function keyOfGroup({ without, labels: names }: Grouping): (labels: Labels) => string {
  if (!without) return (labels) => JSON.stringify(names.map((name) => labelOf(labels, name)))
  return (labels) =>
    Object.entries(labels)
      .filter(([name]) => name !== metricNameLabel && !names.includes(name))
      .map(([name, value]) => JSON.stringify([name, value]))
      .sort()
      .join()
}
