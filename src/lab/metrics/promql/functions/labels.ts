import type { Matcher as Match, RE2JS } from 're2js'
import { type Labels, labelOf, metricNameLabel, withLabel } from '../../labels.ts'
import { regularExpression } from '../../matchers.ts'
import { EvaluationError } from '../errors.ts'
import { quote } from '../strings.ts'
import { mergeSameLabels, type Vector } from '../values.ts'
import { type Arguments, type Functions, vectorValue } from './definition.ts'

/** Functions of the labels of series: values and times are as they were. */
export const labelFunctions: Functions = {
  label_replace: {
    parameters: ['vector', 'string', 'string', 'string', 'string'],
    returns: 'vector',
    evaluate: (call) => vectorValue(labelReplace(call)),
  },
  label_join: {
    parameters: ['vector', 'string', 'string', 'string'],
    required: 3,
    variadic: true,
    returns: 'vector',
    evaluate: (call) => vectorValue(labelJoin(call)),
  },
}

function labelReplace(call: Arguments): Vector {
  const [destination, replacement, source] = [call.string(1), call.string(2), call.string(3)]
  const pattern = compiled(call.string(4))
  requireLabelName('label_replace', 'destination', destination)
  return relabelled(call.vector(0), destination, (labels) => {
    const match = pattern.matcher(labelOf(labels, source))
    return match.matches() ? expanded(replacement, match) : undefined
  })
}

function labelJoin(call: Arguments): Vector {
  const [destination, separator] = [call.string(1), call.string(2)]
  const sources = Array.from({ length: call.count - 3 }, (_, i) => call.string(i + 3))
  for (const source of sources) requireLabelName('label_join', 'source', source)
  requireLabelName('label_join', 'destination', destination)
  return relabelled(call.vector(0), destination, (labels) =>
    sources.map((source) => labelOf(labels, source)).join(separator),
  )
}

/** Where the name of the metric is what was set, it is a name that counts again. */
function relabelled(vector: Vector, destination: string, value: (labels: Labels) => string | undefined): Vector {
  const columns = vector.map((column) => {
    const text = value(column.labels)
    if (text === undefined) return column
    const dropName = column.dropName && destination !== metricNameLabel
    return { ...column, dropName, labels: withLabel(column.labels, destination, text) }
  })
  return mergeSameLabels(columns)
}

function compiled(source: string): RE2JS {
  try {
    return regularExpression(source)
  } catch {
    throw new EvaluationError(`invalid regular expression in label_replace(): ${source}`)
  }
}

/** Any text that is well formed is the name of a label, since Prometheus 3. @throws EvaluationError */
function requireLabelName(functionName: string, kind: string, label: string): void {
  if (label !== '' && label.isWellFormed()) return
  throw new EvaluationError(`invalid ${kind} label name in ${functionName}(): ${quote(label)}`)
}

/** `$1`, `${1}`, `$name`, `${name}` and `$$`, as Go expands them: a group that there is not is empty. */
function expanded(template: string, match: Match): string {
  return template.replace(/\$(?:\$|(\w+)|\{(\w+)\})/g, (reference, bare?: string, braced?: string) => {
    const group = bare ?? braced
    if (group === undefined) return reference === '$$' ? '$' : reference
    return groupOf(match, group) ?? ''
  })
}

function groupOf(match: Match, group: string): string | null {
  if (/^\d+$/.test(group)) return Number(group) <= match.groupCount() ? match.group(Number(group)) : ''
  return Object.hasOwn(match.namedGroups ?? {}, group) ? match.group(group) : ''
}
