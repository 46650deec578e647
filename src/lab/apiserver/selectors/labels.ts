import type { LabelSelector, LabelSelectorRequirement } from 'kubernetes-types/meta/v1.d.ts'
import { type Labels, selects } from '../../labels.ts'
import { badRequest } from '../status.ts'

export type LabelMatcher = (labels: Labels) => boolean

const existencePattern = /^(!?)\s*([^\s!=,()]+)$/
const equalityPattern = /^([^\s!=,()]+)\s*(==|=|!=)\s*([^\s!=,()]*)$/
const membershipPattern = /^([^\s!=,()]+)\s+(in|notin)\s*\(([^()]*)\)$/

/**
 * Reads a label selector of a query: `app=a,tier!=b,env in (x, y),zone notin (z),has,!hasnot`.
 * @throws StatusError 400
 */
export function parseLabelSelector(text: string): LabelMatcher {
  const matchExpressions = splitRequirements(text).map(parseRequirement)
  return (labels) => selects({ matchExpressions }, labels)
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

function parseRequirement(text: string): LabelSelectorRequirement {
  const existence = existencePattern.exec(text)
  if (existence) {
    const [, not, key = ''] = existence
    return { key, operator: not ? 'DoesNotExist' : 'Exists' }
  }
  const equality = equalityPattern.exec(text)
  if (equality) {
    const [, key = '', sign, value = ''] = equality
    return { key, operator: sign === '!=' ? 'NotIn' : 'In', values: [value] }
  }
  const membership = membershipPattern.exec(text)
  if (membership) {
    const [, key = '', word, values = ''] = membership
    return { key, operator: word === 'in' ? 'In' : 'NotIn', values: values.split(',').map((value) => value.trim()) }
  }
  throw badRequest(`unable to parse requirement: "${text}" is not a requirement of a label selector`)
}

/** Splits at the commas outside parentheses. */
function splitRequirements(text: string): string[] {
  const parts = ['']
  let isInside = false
  for (const character of text) {
    if (character === '(') isInside = true
    if (character === ')') isInside = false
    if (character === ',' && !isInside) parts.push('')
    else parts[parts.length - 1] += character
  }
  return parts.map((part) => part.trim()).filter((part) => part !== '')
}
