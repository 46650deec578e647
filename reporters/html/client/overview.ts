import { formatFraction, formatMilliseconds } from '../../../src/support/quantities.ts'
import type { HypothesisView, ReportView } from '../view.ts'
import { h } from './dom.ts'
import { countOf, formatDate, formatInstant } from './format.ts'
import { environmentSection, noticesSection, outsideSection } from './sections.ts'
import { sparkline } from './sparkline.ts'
import { byUrgency, tally, verdictBadge } from './verdicts.ts'

/** The first page: what came of the run, and of each hypothesis. */
export function overview(view: ReportView): HTMLElement {
  const { run, hypotheses } = view
  return h(
    'main',
    { class: 'page', id: 'main', tabindex: -1 },
    h(
      'header',
      { class: 'hero' },
      h('h1', { class: 'hero-verdict' }, verdictBadge(run.verdict ?? 'unfinished', 'verdict')),
      h('p', { class: 'hero-sentence' }, runSentence(view)),
      run.advice !== '' && h('p', { class: 'hero-advice' }, run.advice),
      h(
        'p',
        { class: 'meta' },
        h(
          'time',
          { datetime: formatInstant(run.startedAt), title: formatInstant(run.startedAt) },
          formatDate(run.startedAt),
        ),
        ` · ${formatMilliseconds(run.endedAt - run.startedAt)} · `,
        h('code', {}, ['chaos-test', ...run.arguments].join(' ')),
      ),
    ),
    h('h2', { class: 'visually-hidden' }, 'Hypotheses'),
    h('ol', { class: 'hypotheses' }, hypotheses.toSorted((a, b) => byUrgency(a.verdict, b.verdict)).map(hypothesisRow)),
    hypotheses.length > 0 && legend(),
    noticesSection(view),
    outsideSection(view),
    environmentSection(view),
  )
}

function runSentence({ run, hypotheses }: ReportView): string {
  if (hypotheses.length === 0) return 'No hypothesis began.'
  const counts = `${countOf(hypotheses.length, 'hypothesis', 'hypotheses')}: ${tally(hypotheses.map(({ verdict }) => verdict))}.`
  const owed = hypotheses.flatMap(({ actions }) => actions).filter(({ undo }) => undo && isOwed(undo.status)).length
  const cut = run.interruption ? ` It was cut by ${run.interruption}.` : ''
  const target = owed > 0 ? ` ${countOf(owed, 'undo', 'undos')} still owed.` : ' What was done is undone.'
  return `${counts}${cut}${hypotheses.some(({ actions }) => actions.length > 0) ? target : ''}`
}

function isOwed(status: string): boolean {
  return status === 'owed' || status === 'failed'
}

function hypothesisRow(hypothesis: HypothesisView): HTMLElement {
  const { anchor, title, sentence, place, verdict } = hypothesis
  return h(
    'li',
    {},
    h(
      'a',
      { class: 'hypothesis', href: `#${anchor}` },
      h('span', { class: 'hypothesis-verdict' }, verdictBadge(verdict)),
      h(
        'span',
        { class: 'hypothesis-text' },
        h('span', { class: 'hypothesis-title' }, title),
        h('span', { class: 'hypothesis-sentence' }, sentence),
        h('span', { class: 'hypothesis-file' }, place),
      ),
      h('span', { class: 'hypothesis-glance' }, sparkline(hypothesis), numbers(hypothesis)),
    ),
  )
}

function numbers({ traffic }: HypothesisView): HTMLElement | false {
  const summary = traffic.find(({ phase, summary }) => phase === 'method' && summary)?.summary
  if (!summary) return false
  const sent = summary.planned - summary.dropped
  if (sent === 0) return false
  return h(
    'span',
    { class: 'hypothesis-numbers' },
    h('span', { class: summary.failed > 0 ? 'bad' : '' }, `${formatFraction(summary.failed / sent)} failed`),
    h('span', {}, `p99 ${formatMilliseconds(summary.p99)}`),
  )
}

function legend(): HTMLElement {
  const item = (name: string, text: string) => h('span', { class: 'key' }, h('i', { class: `swatch bg-${name}` }), text)
  return h(
    'p',
    { class: 'overview-legend' },
    'Each second’s requests, while the method ran (shaded) and around it: ',
    item('answered', 'answered'),
    item('failed-5xx', 'failed'),
  )
}
