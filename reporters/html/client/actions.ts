import { formatMilliseconds } from '../../../src/support/quantities.ts'
import type { ActionView, HypothesisView, PlannedView } from '../view.ts'
import type { TimeAxis } from './axis.ts'
import { h } from './dom.ts'
import { formatDate, formatInstant } from './format.ts'
import { section, timeCell } from './layout.ts'

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

/** @param axis absent outside of hypotheses: there, times are times of day */
export function actionItem(action: ActionView, axis: TimeAxis | undefined): HTMLElement {
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
