import { formatFraction, formatMilliseconds } from '../../../src/support/quantities.ts'
import type { HypothesisView, ReportView, TrafficView } from '../view.ts'
import { actionsSection, plannedSection } from './actions.ts'
import { phaseBands, type TimeAxis, timeAxis } from './axis.ts'
import type { Traces } from './data.ts'
import { type Child, fill, h, webLink } from './dom.ts'
import { formatCount } from './format.ts'
import { section } from './layout.ts'
import { isSuccess } from './outcomes.ts'
import { allRequests, RequestTable } from './requests.ts'
import { checksSection, environmentSection, findingsSection, readingsSection } from './sections.ts'
import { Timeline } from './timeline/timeline.ts'
import { verdictBadge } from './verdicts.ts'
import { Waterfall } from './waterfall/waterfall.ts'

/** All that is known of one hypothesis. */
export class HypothesisPage {
  readonly element: HTMLElement
  readonly #view: ReportView
  readonly #hypothesis: HypothesisView
  readonly #axis: TimeAxis
  readonly #timeline: Timeline
  readonly #requests = h('div', {}, h('p', { class: 'quiet' }, 'Unpacking the traces…'))
  readonly #opened = h('div', { class: 'opened-trace' })
  readonly #own = h('div', {}, h('p', { class: 'quiet' }, 'Unpacking the trace…'))
  #table: RequestTable | undefined
  #openedWaterfall: Waterfall | undefined
  #ownWaterfall: Waterfall | undefined
  #traces: Traces | undefined

  constructor(view: ReportView, index: number, hypothesis: HypothesisView) {
    this.#view = view
    this.#hypothesis = hypothesis
    this.#axis = timeAxis(hypothesis)
    this.#timeline = new Timeline(hypothesis, this.#axis, (traceId) => {
      location.hash = `#trace-${traceId}`
    })
    this.element = h(
      'main',
      { class: 'page', id: 'main', tabindex: -1 },
      this.#head(),
      figures(hypothesis),
      section('timeline', 'Timeline', this.#timeline.element),
      section('requests', 'Requests', this.#requests, this.#opened),
      findingsSection(hypothesis, this.#axis),
      section('trace', 'Trace of the experiment', this.#own),
      plannedSection(hypothesis),
      actionsSection(hypothesis, this.#axis),
      checksSection(hypothesis, this.#axis),
      readingsSection(hypothesis, this.#axis),
      environmentSection(view),
      this.#neighbours(index),
    )
  }

  /** Shows the traces, as soon as they are unpacked. */
  showTraces(traces: Traces, index: number): void {
    this.#traces = traces
    const requests = allRequests(this.#hypothesis, traces.requests(index))
    this.#timeline.showRequests(requests)
    this.#table = new RequestTable(requests, this.#axis, phaseBands(this.#hypothesis, this.#axis))
    fill(this.#requests, this.#table.element)
    const trace = traces.trace(this.#hypothesis.traceId)
    if (trace) {
      this.#ownWaterfall = new Waterfall(trace, traces, {
        title: this.#hypothesis.title,
        traceLink: this.#view.run.traceLink,
      })
      fill(this.#own, this.#ownWaterfall.element)
    } else fill(this.#own, h('p', { class: 'quiet' }, 'No span of it was kept.'))
  }

  /** Opens the trace of a request, or shows a span of the hypothesis' own trace. */
  openTrace(traceId: string, spanId?: string): void {
    if (traceId === this.#hypothesis.traceId) {
      if (spanId !== undefined) this.#ownWaterfall?.showSpan(spanId)
      this.#own.scrollIntoView({ block: 'start' })
      return
    }
    const traces = this.#traces
    const trace = traces?.trace(traceId)
    if (!traces || !trace) return
    this.closeTrace()
    const title = trace.spans[0]?.name ?? 'A request'
    this.#openedWaterfall = new Waterfall(trace, traces, {
      title,
      traceLink: this.#view.run.traceLink,
      close: () => {
        location.hash = `#${this.#hypothesis.anchor}`
      },
    })
    fill(this.#opened, this.#openedWaterfall.element)
    this.#table?.mark(traceId)
    if (spanId !== undefined) this.#openedWaterfall.showSpan(spanId)
    this.#opened.scrollIntoView({ block: 'center' })
  }

  closeTrace(): void {
    this.#openedWaterfall?.destroy()
    this.#openedWaterfall = undefined
    fill(this.#opened)
    this.#table?.mark(undefined)
  }

  destroy(): void {
    this.#timeline.destroy()
    this.#ownWaterfall?.destroy()
    this.closeTrace()
  }

  #head(): HTMLElement {
    const { title, verdict, sentence, details, code, place, target, traceLink, startedAt, endedAt, tags } =
      this.#hypothesis
    return h(
      'header',
      { class: 'hero' },
      h('p', { class: 'crumbs' }, h('a', { href: '#' }, '← All hypotheses')),
      h('p', { class: 'hero-badge' }, verdictBadge(verdict)),
      h('h1', {}, title),
      h('p', { class: 'hero-sentence' }, sentence),
      details !== undefined && h('p', { class: 'reason pre' }, details),
      h(
        'p',
        { class: 'meta' },
        h('code', {}, place),
        target && ` · ${target.kind === 'lab' ? 'a lab' : target.name}, namespace ${target.namespace}`,
        ` · ${formatMilliseconds(endedAt - startedAt)}`,
        code !== undefined && [' · ', h('code', {}, code)],
        tags.map((tag) => [' ', h('span', { class: 'tag' }, tag)]),
        traceLink !== undefined && [' · ', webLink(traceLink, 'trace')],
      ),
    )
  }

  #neighbours(index: number): HTMLElement {
    const { hypotheses } = this.#view
    const link = (hypothesis: HypothesisView | undefined, arrow: string, className: string): Child =>
      hypothesis &&
      h(
        'a',
        { href: `#${hypothesis.anchor}`, class: className },
        h('span', { class: 'quiet' }, arrow),
        h('span', {}, hypothesis.title),
      )
    return h(
      'nav',
      { class: 'neighbours', 'aria-label': 'Other hypotheses' },
      link(hypotheses[index - 1], '← Before', 'is-before'),
      link(hypotheses[index + 1], 'Next →', 'is-next'),
    )
  }
}

/** The numbers that one looks for first. */
function figures(hypothesis: HypothesisView): HTMLElement | false {
  const inMethod = hypothesis.traffic.filter(({ phase }) => phase === undefined || phase === 'method')
  const users = inMethod.find(({ summary }) => summary)
  const reading = hypothesis.readings.find(({ phase, value }) => phase === 'method' && value !== null)
  const items: Child[] = [
    ...(users?.summary ? userFigures(users, users.summary) : inMethod.slice(0, 1).flatMap(figuresSoFar)),
    reading &&
      figure('Prometheus counted', reading.result.replace(/ \(.*\)$/, ''), /\((.*)\)/.exec(reading.result)?.[1] ?? ''),
    restoredFigure(hypothesis),
  ]
  return h('dl', { class: 'figures' }, items)
}

/** What users saw until their traffic was cut short. */
function figuresSoFar({ outcomes, load }: TrafficView): Child[] {
  const counts = Object.entries(outcomes)
  const total = counts.reduce((sum, [, count]) => sum + count, 0)
  if (total === 0) return []
  const failed = counts.reduce((sum, [outcome, count]) => sum + (isSuccess(outcome) ? 0 : count), 0)
  return [
    figure('Requests so far', formatCount(total), load),
    figure('Failed so far', formatFraction(failed / total), `${failed} of ${total}`, failed > 0 ? 'bad' : 'good'),
  ]
}

function userFigures({ url, reachedBy, load }: TrafficView, summary: NonNullable<TrafficView['summary']>): Child[] {
  const { planned, failed, dropped, p50, p99, max } = summary
  const sent = planned - dropped
  return [
    figure('Requests', formatCount(planned), load, '', reachedBy === undefined ? url : `${url} (${reachedBy})`),
    figure(
      'Failed',
      sent === 0 ? 'unknown' : formatFraction(failed / sent),
      `${formatCount(failed)} of ${formatCount(sent)}`,
      failed > 0 ? 'bad' : 'good',
    ),
    dropped > 0 && figure('Not sent in time', formatCount(dropped), 'by this machine', 'warn'),
    figure('Latency p50', formatMilliseconds(p50), ''),
    figure('Latency p99', formatMilliseconds(p99), `at most ${formatMilliseconds(max)}`),
  ]
}

function restoredFigure({ actions, phases, checks }: HypothesisView): Child {
  if (actions.length === 0) return false
  const owed = actions.filter(({ undo }) => undo?.status === 'owed' || undo?.status === 'failed').length
  if (owed > 0) return figure('Target', 'not restored', `${owed} still owed`, 'bad')
  const back = checks.filter(({ phase }) => phase === 'restored')
  const rollback = phases.find(({ phase }) => phase === 'rollback')
  const took = rollback ? `after ${formatMilliseconds(rollback.to - rollback.from)}` : ''
  const isSteady = back.length > 0 && back.every(({ met }) => met === true)
  return figure('Target', 'restored', isSteady ? `${took}, steady again` : took, 'good')
}

function figure(name: string, value: string, note: string, tone = '', title?: string): HTMLElement {
  return h(
    'div',
    { class: 'figure', ...(title === undefined ? {} : { title }) },
    h('dt', {}, name),
    h(
      'dd',
      {},
      h('span', { class: `figure-value${tone ? ` tone-${tone}` : ''}` }, value),
      h('span', { class: 'figure-note' }, note),
    ),
  )
}
