import { formatMilliseconds } from '../../../src/support/quantities.ts'
import type { HypothesisView } from '../view.ts'
import { type PhaseBand, phaseAt, type TimeAxis } from './axis.ts'
import type { UserRequest } from './data.ts'
import { fill, h } from './dom.ts'
import { formatCount } from './format.ts'
import { table, timeCell } from './layout.ts'
import { colourOfOutcome, nameOfOutcome } from './outcomes.ts'

const pageSize = 10
const slowestShown = 25

interface Choice {
  name: string
  requests: readonly UserRequest[]
}

/** The requests that are worth a look, as a table. Each opens its trace. */
export class RequestTable {
  readonly element: HTMLElement
  readonly #axis: TimeAxis
  readonly #bands: readonly PhaseBand[]
  readonly #body = h('div')
  readonly #choices: Choice[]
  #chosen: Choice
  #shown = pageSize
  #opened: string | undefined
  readonly #buttons: HTMLElement[]

  constructor(requests: readonly UserRequest[], axis: TimeAxis, bands: readonly PhaseBand[]) {
    this.#axis = axis
    this.#bands = bands
    const failed = requests.filter(({ isFailed }) => isFailed)
    const slowest = requests.toSorted((a, b) => b.latencyMs - a.latencyMs).slice(0, slowestShown)
    this.#choices = [
      { name: 'Failed', requests: failed },
      { name: 'Slowest', requests: slowest },
      { name: 'All traced', requests },
    ]
    this.#chosen = this.#choices[failed.length > 0 ? 0 : 1] ?? { name: '', requests: [] }
    this.#buttons = this.#choices.map((choice) =>
      h(
        'button',
        { type: 'button', on: { click: () => this.#choose(choice) } },
        choice.name,
        ' ',
        h('span', { class: 'quiet' }, formatCount(choice.requests.length)),
      ),
    )
    this.element = h(
      'div',
      { class: 'requests' },
      h('div', { class: 'choices', role: 'group', 'aria-label': 'Which requests' }, this.#buttons),
      this.#body,
    )
    this.#draw()
  }

  /** Marks the request whose trace is open. */
  mark(traceId: string | undefined): void {
    this.#opened = traceId
    this.#draw()
  }

  #choose(choice: Choice): void {
    this.#chosen = choice
    this.#shown = pageSize
    this.#draw()
  }

  #draw(): void {
    for (const [index, button] of this.#buttons.entries()) {
      button.setAttribute('aria-pressed', `${this.#choices[index] === this.#chosen}`)
    }
    const { requests, name } = this.#chosen
    const rest = requests.length - this.#shown
    const columns = [
      { title: 'When' },
      { title: 'What' },
      { title: 'Latency', isNumber: true },
      { title: 'Phase' },
      { title: 'Pods' },
    ]
    fill(
      this.#body,
      requests.length === 0
        ? h('p', { class: 'quiet' }, name === 'Failed' ? 'No request failed.' : 'No request was traced.')
        : table(
            `${name} requests`,
            columns,
            requests.slice(0, this.#shown).map((request) => this.#cells(request)),
          ),
      rest > 0 &&
        h(
          'button',
          { type: 'button', class: 'small more', on: { click: () => this.#showMore() } },
          `Show ${formatCount(Math.min(rest, 100))} more of ${formatCount(rest)}`,
        ),
    )
  }

  #showMore(): void {
    this.#shown += 100
    this.#draw()
  }

  #cells({ traceId, at, latencyMs, outcome, status, pods, podsThen, isTraced }: UserRequest) {
    const what = status === undefined ? nameOfOutcome(outcome) : `${status}`
    const isOpen = traceId === this.#opened
    const when = timeCell(at, this.#axis)
    const link = { href: `#trace-${traceId}`, 'aria-label': `Trace of the request at ${when.textContent}` }
    return [
      isTraced
        ? h('a', { ...link, class: 'nowrap', 'aria-current': isOpen ? 'true' : undefined }, when)
        : h('span', { class: 'nowrap', title: `Its spans were not kept: ${traceId}` }, when),
      h(
        'span',
        { class: 'nowrap' },
        h('i', { class: `swatch bg-${colourOfOutcome(outcome)}`, 'aria-hidden': 'true' }),
        ' ',
        what,
      ),
      h('span', { class: 'nowrap' }, formatMilliseconds(latencyMs)),
      phaseAt(this.#bands, at - this.#axis.zero),
      h(
        'span',
        {},
        h('span', { class: 'nowrap' }, pods.join(' → ') || 'unknown'),
        podsThen !== undefined && h('span', { class: 'quiet' }, ` (then: ${podsThen})`),
      ),
    ]
  }
}

/** What is known of the requests of a hypothesis: from their traces, and from what the traffic named. */
export function allRequests({ requests }: HypothesisView, traced: readonly UserRequest[]): UserRequest[] {
  const named = new Map(requests.map((request) => [request.traceId, request]))
  const withPods = traced.map((request) => ({ ...request, podsThen: named.get(request.traceId)?.podsThen }))
  for (const { traceId } of traced) named.delete(traceId)
  const untraced = [...named.values()].map(({ failed, status, ...request }): UserRequest => {
    return { ...request, status, isFailed: failed, isTraced: false }
  })
  return [...withPods, ...untraced].sort((a, b) => a.at - b.at)
}
