import { usageError } from '../support/errors.ts'
import type { Labels } from './samples.ts'

/**
 * What a label must be. A regular expression means what it means in JavaScript: `/5../` finds its text anywhere in the
 * value, `^` and `$` bind it to the ends. (Prometheus' own always match the whole value: there `5` never finds `500`.)
 */
export type LabelPattern = string | number | RegExp

/** Which series: those that have all of these labels. */
export type LabelSelection = Readonly<Record<string, LabelPattern>>

const metricName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const labelName = /^[a-zA-Z_][a-zA-Z0-9_]*$/

/**
 * The selector of PromQL.
 *
 * @throws CHAOS_BAD_SELECTOR (usage) a name is none of Prometheus'
 *
 * @example
 * selectorText('svc_responses_total', { name: 'service1', status_code: /^5..$/ })
 * // svc_responses_total{name="service1",status_code=~"5.."}
 */
export function selectorText(metric: string, selection: LabelSelection = {}): string {
  if (!metricName.test(metric)) throw badSelector(metric, 'the name of a metric')
  const matchers = Object.entries(selection).map(([label, pattern]) => {
    if (!labelName.test(label)) throw badSelector(label, 'the name of a label')
    return pattern instanceof RegExp
      ? `${label}=~${quoted(anchoredSource(pattern))}`
      : `${label}=${quoted(String(pattern))}`
  })
  return matchers.length === 0 ? metric : `${metric}{${matchers.join(',')}}`
}

/** Whether a series has these labels. */
export function matchesSelection(labels: Labels, selection: LabelSelection): boolean {
  return Object.entries(selection).every(([label, pattern]) => {
    const value = labels[label] ?? ''
    return pattern instanceof RegExp ? value.search(pattern) >= 0 : value === String(pattern)
  })
}

/** The expression with the same meaning where it must match the whole value. */
function anchoredSource({ source, ignoreCase }: RegExp): string {
  const flags = ignoreCase ? '(?i)' : ''
  if (source.includes('|')) return `${flags}.*(?:${source}).*`
  const startsBound = source.startsWith('^')
  const endsBound = source.endsWith('$') && !source.endsWith('\\$')
  const body = source.slice(startsBound ? 1 : 0, endsBound ? -1 : undefined)
  return `${flags}${startsBound ? '' : '.*'}${body}${endsBound ? '' : '.*'}`
}

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`
}

function badSelector(found: string, what: string) {
  return usageError(
    'CHAOS_BAD_SELECTOR',
    `"${found}" is not ${what}: those are letters, digits and underscores, with no digit first.`,
  )
}
