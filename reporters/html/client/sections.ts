import { formatMilliseconds } from '../../../src/support/quantities.ts'
import type {
  ActionView,
  CheckView,
  FindingRow,
  HypothesisView,
  PlannedView,
  ReadingView,
  ReportView,
  ScopeView,
} from '../view.ts'
import type { TimeAxis } from './axis.ts'
import { type Child, h } from './dom.ts'
import { formatDate, formatInstant, formatOffset } from './format.ts'

/** A part of the page with a heading. */
export function section(id: string, title: string, ...children: Child[]): HTMLElement {
  return h(
    'section',
    { class: 'section', id, 'aria-labelledby': `${id}-title` },
    h('h2', { id: `${id}-title` }, title),
    ...children,
  )
}

interface Column {
  title: string
  /** Numbers stand on the right. */
  isNumber?: boolean
}

export function table(
  caption: string,
  columns: readonly (string | Column)[],
  rows: readonly (readonly Child[])[],
): HTMLElement {
  const known = columns.map((column) => (typeof column === 'string' ? { title: column } : column))
  return h(
    'div',
    { class: 'table-scroll', role: 'region', 'aria-label': caption, tabindex: 0 },
    h(
      'table',
      {},
      h('caption', { class: 'visually-hidden' }, caption),
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          known.map(({ title, isNumber }) => h('th', { scope: 'col', class: isNumber ? 'number' : undefined }, title)),
        ),
      ),
      h(
        'tbody',
        {},
        rows.map((cells) =>
          h(
            'tr',
            {},
            cells.map((cell, index) => h('td', { class: known[index]?.isNumber ? 'number' : undefined }, cell)),
          ),
        ),
      ),
    ),
  )
}

/** A time since the method's start; the time of day is what one hovers for. */
export function timeCell(at: number, { zero }: TimeAxis): HTMLElement {
  return h('time', { datetime: formatInstant(at), title: formatInstant(at) }, formatOffset(at - zero))
}

/** What was done, and what became of its undo. */
export function actionsSection({ actions, planned }: HypothesisView, axis: TimeAxis): HTMLElement | false {
  if (actions.length === 0 && planned.length > 0) return false
  if (actions.length === 0)
    return section('actions', 'Done and undone', h('p', { class: 'quiet' }, 'Nothing was done to the target.'))
  return section(
    'actions',
    'Done and undone',
    h(
      'ol',
      { class: 'actions' },
      actions.map((action) => actionItem(action, axis)),
    ),
  )
}

/** What a dry run would have done. */
export function plannedSection({ planned }: HypothesisView): HTMLElement | false {
  if (planned.length === 0) return false
  return section('planned', 'What would be done', h('ol', { class: 'actions' }, planned.map(plannedItem)))
}

function plannedItem({ title, undo, rehearsed }: PlannedView): HTMLElement {
  const asked = rehearsed ? 'the target was asked, and would take it' : 'the target was not asked'
  return h(
    'li',
    {},
    h(
      'div',
      { class: 'step' },
      h('span', { 'aria-hidden': 'true' }, '○'),
      h('div', {}, h('p', {}, title), h('p', { class: 'quiet' }, asked)),
    ),
    h(
      'div',
      { class: 'step' },
      h('span', { 'aria-hidden': 'true' }, '↺'),
      h('p', {}, undo ?? 'nothing would need to be undone'),
    ),
  )
}

function actionItem(action: ActionView, axis: TimeAxis | undefined): HTMLElement {
  const { title, from, to, before, after, message, undo } = action
  const when = axis ? timeCell(from, axis) : h('time', { datetime: formatInstant(from) }, formatDate(from))
  return h(
    'li',
    {},
    h(
      'div',
      { class: 'step' },
      h('span', { class: 'step-mark', 'aria-hidden': 'true' }, '▼'),
      h(
        'div',
        {},
        h('p', { class: 'step-title' }, title),
        h(
          'p',
          { class: 'quiet' },
          when,
          to === undefined ? ' · its end is not known' : ` · took ${formatMilliseconds(to - from)}`,
        ),
        message !== undefined && h('p', { class: 'bad-text pre' }, message),
        (before !== undefined || after !== undefined) &&
          h(
            'p',
            { class: 'quiet' },
            before !== undefined && ['was ', h('code', {}, before)],
            after !== undefined && [' became ', h('code', {}, after)],
          ),
      ),
    ),
    undo ? undoStep(undo, axis) : h('div', { class: 'step quiet' }, h('span', {}), 'Nothing needs to be undone.'),
  )
}

const undoWords = {
  owed: 'Still owed: nobody has tried to undo it yet',
  failed: 'Still owed: the undo failed',
  undone: 'Undone, and read back to be sure',
  'target-gone': 'Its target is gone, so there is nothing left to undo',
}

function undoStep(undo: NonNullable<ActionView['undo']>, axis: TimeAxis | undefined): HTMLElement {
  const { title, status, by, startedAt, endedAt, error } = undo
  const isOwed = status === 'owed' || status === 'failed'
  const took =
    startedAt !== undefined && endedAt !== undefined ? ` · took ${formatMilliseconds(endedAt - startedAt)}` : ''
  return h(
    'div',
    { class: `step ${isOwed ? 'tone-bad' : 'tone-good'}` },
    h('span', { class: 'step-mark', 'aria-hidden': 'true' }, isOwed ? '!' : '↺'),
    h(
      'div',
      {},
      h('p', { class: 'step-title' }, title),
      h('p', { class: isOwed ? 'bad-text' : 'quiet' }, undoWords[status], by === undefined ? '' : `, by the ${by}`),
      startedAt !== undefined &&
        h('p', { class: 'quiet' }, axis ? timeCell(startedAt, axis) : formatDate(startedAt), took),
      error && h('p', { class: 'bad-text pre' }, error.message),
    ),
  )
}

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
    result,
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
  ]
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
