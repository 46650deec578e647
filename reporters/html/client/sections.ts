import { formatMilliseconds } from '../../../src/support/quantities.ts'
import type { CheckView, FindingRow, HypothesisView, ReadingView, ReportView, ScopeView } from '../view.ts'
import { actionItem } from './actions.ts'
import type { TimeAxis } from './axis.ts'
import { type Child, h } from './dom.ts'
import { formatDate, formatInstant } from './format.ts'
import { section, table, timeCell } from './layout.ts'

const metWords = { true: 'met', false: 'not met', null: 'could not be told' }

export function checksSection({ checks }: HypothesisView, axis: TimeAxis): HTMLElement | false {
  if (checks.length === 0) return false
  return section(
    'steady-state',
    'Steady state',
    h(
      'ul',
      { class: 'checks' },
      checks.map((check) => checkItem(check, axis)),
    ),
  )
}

function checkItem({ title, phase, met, from, to, message }: CheckView, axis: TimeAxis | undefined): HTMLElement {
  const tone = met === true ? 'good' : met === false ? 'bad' : 'warn'
  return h(
    'li',
    {},
    h('span', { class: `mark tone-${tone}`, 'aria-hidden': 'true' }, met === true ? '✓' : met === false ? '✗' : '?'),
    h(
      'div',
      {},
      h('p', {}, title, ' ', h('span', { class: `tone-${tone}` }, metWords[`${met}`])),
      h(
        'p',
        { class: 'quiet' },
        `${phase} · `,
        axis ? timeCell(from, axis) : formatDate(from),
        ` · took ${formatMilliseconds(to - from)}`,
      ),
      message !== undefined && h('details', {}, h('summary', {}, 'Why'), h('p', { class: 'pre' }, message)),
    ),
  )
}

export function findingsSection({ findings }: HypothesisView, axis: TimeAxis): HTMLElement | false {
  if (findings.length === 0) return false
  return section(
    'findings',
    'Findings',
    h(
      'ul',
      { class: 'findings' },
      findings.map((finding) => findingItem(finding, axis)),
    ),
  )
}

function findingItem({ title, at, data }: FindingRow, axis: TimeAxis | undefined): HTMLElement {
  return h(
    'li',
    {},
    h('p', {}, title),
    h('p', { class: 'quiet' }, axis ? timeCell(at, axis) : formatDate(at)),
    data !== undefined && h('pre', {}, data),
  )
}

export function readingsSection({ readings }: HypothesisView, axis: TimeAxis): HTMLElement | false {
  if (readings.length === 0) return false
  const rows = readings.map(({ query, from, to, result, phase }: ReadingView) => [
    h('code', { class: 'query' }, query),
    h('span', { class: 'nowrap' }, timeCell(from, axis), ' to ', timeCell(to, axis)),
    phase ?? '',
    h('span', { class: 'nowrap' }, result),
  ])
  return section(
    'prometheus',
    'Prometheus',
    table('What Prometheus counted', ['Query', 'Window', 'Phase', 'Result'], rows),
  )
}

export function noticesSection({ notices }: ReportView): HTMLElement | false {
  if (notices.length === 0) return false
  return section(
    'notices',
    'Notes',
    h(
      'ul',
      { class: 'notices' },
      notices.map(({ text, file }) => h('li', { class: 'pre' }, file === undefined ? text : `${file}: ${text}`)),
    ),
  )
}

/** What hooks did, outside every hypothesis: shown where something was done, or missed. */
export function outsideSection({ outside }: ReportView): HTMLElement | false {
  const worth = outside.filter(({ actions, findings, checks }) => {
    return actions.length + findings.length > 0 || checks.some(({ met }) => met !== true)
  })
  if (worth.length === 0) return false
  return section('outside', 'Around the hypotheses', worth.map(scopeItem))
}

function scopeItem({ name, actions, checks, findings }: ScopeView): HTMLElement {
  return h(
    'div',
    { class: 'scope' },
    h('h3', {}, name),
    checks.length > 0 &&
      h(
        'ul',
        { class: 'checks' },
        checks.map((check) => checkItem(check, undefined)),
      ),
    actions.length > 0 &&
      h(
        'ol',
        { class: 'actions' },
        actions.map((action) => actionItem(action, undefined)),
      ),
    findings.length > 0 &&
      h(
        'ul',
        { class: 'findings' },
        findings.map((finding) => findingItem(finding, undefined)),
      ),
  )
}

export function environmentSection({ run, hypotheses, spans }: ReportView): HTMLElement {
  const targets = [
    ...new Set(hypotheses.flatMap(({ target }) => (target ? [`${target.name}, namespace ${target.namespace}`] : []))),
  ].sort()
  const facts: Array<[string, Child]> = [
    ['Run', h('code', {}, run.id)],
    ['Exit code', run.exitCode ?? 'unknown'],
    ['Command', h('code', {}, ['chaos-test', ...run.arguments].join(' '))],
    [
      targets.length === 1 ? 'Target' : 'Targets',
      targets.length === 0 ? 'none' : targets.map((target) => h('div', {}, target)),
    ],
    ['Started', formatInstant(run.startedAt)],
    ['Ended', formatInstant(run.endedAt)],
    ['chaos-test', run.version],
    ['Node.js', run.node],
    ['Machine', `${run.host}, ${run.platform}`],
    [
      'Spans',
      spans.kept === spans.total
        ? `${spans.total.toLocaleString('en-US')}, all of them here`
        : `${spans.kept.toLocaleString('en-US')} of ${spans.total.toLocaleString('en-US')} here; all are in traces.json`,
    ],
  ]
  return section(
    'environment',
    'Environment',
    h(
      'dl',
      { class: 'facts' },
      facts.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))),
    ),
  )
}
