import { type Labels, labelOf, metricNameLabel, onlyLabels, withoutLabels } from '../../labels.ts'
import type { Matching } from '../ast.ts'
import type { Column, Vector } from '../values.ts'

/** The labels that must be equal for two elements to belong together. */
export function matchedLabels({ on, labels }: Matching, ofElement: Labels): Labels {
  return on ? onlyLabels(ofElement, labels) : withoutLabels(ofElement, [...labels, metricNameLabel])
}

/** The columns of a vector by their signature: those with the same one match the same elements of the other side. */
export function bySignature(vector: Vector, matching: Matching): Map<string, Column[]> {
  const groups = new Map<string, Column[]>()
  const signature = signatureOf(matching)
  for (const column of vector) {
    const key = signature(column.labels)
    const group = groups.get(key)
    if (group) group.push(column)
    else groups.set(key, [column])
  }
  return groups
}

function signatureOf(matching: Matching): (labels: Labels) => string {
  const { on, labels: names } = matching
  if (on) return (labels) => JSON.stringify(names.map((name) => labelOf(labels, name)))
  return (labels) =>
    Object.entries(labels)
      .filter(([name, value]) => value !== '' && name !== metricNameLabel && !names.includes(name))
      .map(([name, value]) => JSON.stringify([name, value]))
      .sort()
      .join()
}
