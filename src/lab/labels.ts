import type { LabelSelector, LabelSelectorRequirement } from 'kubernetes-types/meta/v1.d.ts'

export type Labels = Readonly<Record<string, string>>

/** Whether a selector selects an object with these labels. An empty selector selects everything. */
export function selects(selector: LabelSelector, labels: Labels = {}): boolean {
  const { matchLabels = {}, matchExpressions = [] } = selector
  return hasLabels(matchLabels, labels) && matchExpressions.every((requirement) => meets(requirement, labels))
}

/** Whether all of the wanted labels are there, as a Service's selector asks. */
export function hasLabels(wanted: Labels, labels: Labels = {}): boolean {
  return Object.entries(wanted).every(([name, value]) => Object.hasOwn(labels, name) && labels[name] === value)
}

/** Whether the selector is empty, and so selects everything. */
export function selectsAll({ matchLabels = {}, matchExpressions = [] }: LabelSelector): boolean {
  return Object.keys(matchLabels).length === 0 && matchExpressions.length === 0
}

function meets({ key, operator, values = [] }: LabelSelectorRequirement, labels: Labels): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    default:
      return false
  }
}
