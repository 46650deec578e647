import type { LabelSelector } from 'kubernetes-types/meta/v1.d.ts'
import { badRequest } from '../status.ts'

export type Labels = Readonly<Record<string, string>>
export type LabelMatcher = (labels: Labels) => boolean

const EXISTENCE = /^(!?)\s*([^\s!=,()]+)$/
const EQUALITY = /^([^\s!=,()]+)\s*(==|=|!=)\s*([^\s!=,()]*)$/
const MEMBERSHIP = /^([^\s!=,()]+)\s+(in|notin)\s*\(([^()]*)\)$/

/**
 * Reads a label selector of a query: `app=a,tier!=b,env in (x, y),zone notin (z),has,!hasnot`.
 * @throws StatusError 400
 */
export function parseLabelSelector(text: string): LabelMatcher {
  return all(splitRequirements(text).map(parseRequirement))
}

/** What a selector inside an object selects; one that is empty selects everything. */
export function matcherOf(selector: LabelSelector): LabelMatcher {
  const equal = Object.entries(selector.matchLabels ?? {}).map(([key, value]) => requirement(key, 'In', [value]))
  const expressions = (selector.matchExpressions ?? []).map(({ key, operator, values }) =>
    requirement(key, operator, values),
  )
  return all([...equal, ...expressions])
}

/** A selector inside an object, as the text that a query takes. */
export function formatLabelSelector(selector: LabelSelector | undefined): string {
  const equal = Object.entries(selector?.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`)
  const expressions = (selector?.matchExpressions ?? []).map(({ key, operator, values = [] }) => {
    if (operator === 'Exists') return key
    if (operator === 'DoesNotExist') return `!${key}`
    return `${key} ${operator.toLowerCase()} (${[...values].sort().join(',')})`
  })
  return [...equal.sort(), ...expressions].join(',')
}

function all(matchers: LabelMatcher[]): LabelMatcher {
  return (labels) => matchers.every((matches) => matches(labels))
}

function requirement(key: string, operator: string, values: readonly string[] = []): LabelMatcher {
  const isIn: LabelMatcher = (labels) => Object.hasOwn(labels, key) && values.includes(labels[key] ?? '')
  switch (operator) {
    case 'In':
      return isIn
    case 'NotIn':
      return (labels) => !isIn(labels)
    case 'Exists':
      return (labels) => Object.hasOwn(labels, key)
    default:
      return (labels) => !Object.hasOwn(labels, key)
  }
}

function parseRequirement(text: string): LabelMatcher {
  const existence = EXISTENCE.exec(text)
  if (existence) return requirement(existence[2] ?? '', existence[1] ? 'DoesNotExist' : 'Exists')
  const equality = EQUALITY.exec(text)
  if (equality) return requirement(equality[1] ?? '', equality[2] === '!=' ? 'NotIn' : 'In', [equality[3] ?? ''])
  const membership = MEMBERSHIP.exec(text)
  if (membership) {
    const values = (membership[3] ?? '').split(',').map((value) => value.trim())
    return requirement(membership[1] ?? '', membership[2] === 'in' ? 'In' : 'NotIn', values)
  }
  throw badRequest(`unable to parse requirement: "${text}" is no requirement of a label selector`)
}

/** Splits at the commas outside parentheses. */
function splitRequirements(text: string): string[] {
  return text
    .split(/,(?![^(]*\))/)
    .map((part) => part.trim())
    .filter((part) => part !== '')
}
