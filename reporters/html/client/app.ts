import type { ReportView } from '../view.ts'
import { readTraces, type Traces } from './data.ts'
import { fill, h } from './dom.ts'
import { HypothesisPage } from './hypothesis-page.ts'
import { overview } from './overview.ts'
import { type Route, routeOf } from './route.ts'
import { themeButton } from './theme.ts'
import { nameOf } from './verdicts.ts'

/** The report: what the address names is shown. */
export class App {
  readonly #view: ReportView
  readonly #page = h('div')
  readonly #root: HTMLElement
  #traces: Promise<Traces> | undefined
  #current: { index: number; page: HypothesisPage } | undefined

  constructor(root: HTMLElement, view: ReportView) {
    this.#root = root
    this.#view = view
  }

  start(): void {
    const { run } = this.#view
    fill(
      this.#root,
      h('a', { class: 'skip', href: '#main', on: { click: (event) => this.#skip(event) } }, 'Skip to the content'),
      h(
        'header',
        { class: 'topbar' },
        h('a', { class: 'brand', href: '#' }, 'chaos-test'),
        h('span', { class: 'topbar-run' }, run.id),
        themeButton(),
      ),
      this.#page,
    )
    addEventListener('hashchange', () => void this.#show(true))
    void this.#show(false)
  }

  async #show(isMove: boolean): Promise<void> {
    const hash = location.hash.slice(1)
    const route = await routeOf(hash, this.#view, () => this.#unpack())
    // Meanwhile somebody may have gone elsewhere.
    if (location.hash.slice(1) !== hash) return
    if (route.kind === 'overview') this.#showOverview(isMove)
    else await this.#showHypothesis(route, isMove)
  }

  #showOverview(isMove: boolean): void {
    const { run } = this.#view
    this.#leave()
    document.title = `${nameOf(run.verdict ?? 'unfinished')} · ${run.id}`
    this.#enter(overview(this.#view), isMove)
  }

  async #showHypothesis(route: Extract<Route, { kind: 'hypothesis' }>, isMove: boolean): Promise<void> {
    const hypothesis = this.#view.hypotheses[route.index]
    if (!hypothesis) return
    if (this.#current?.index !== route.index) {
      this.#leave()
      const page = new HypothesisPage(this.#view, route.index, hypothesis)
      this.#current = { index: route.index, page }
      document.title = `${nameOf(hypothesis.verdict)} · ${hypothesis.title}`
      this.#enter(page.element, isMove)
      const traces = await this.#unpack()
      if (this.#current?.page !== page) return
      page.showTraces(traces, route.index)
    }
    if (route.traceId === undefined) this.#current.page.closeTrace()
    else this.#current.page.openTrace(route.traceId, route.spanId)
  }

  #enter(main: HTMLElement, isMove: boolean): void {
    fill(this.#page, main)
    if (!isMove) return
    scrollTo(0, 0)
    main.focus({ preventScroll: true })
  }

  #leave(): void {
    this.#current?.page.destroy()
    this.#current = undefined
  }

  #skip(event: Event): void {
    event.preventDefault()
    document.getElementById('main')?.focus()
  }

  async #unpack(): Promise<Traces> {
    this.#traces ??= readTraces()
    return await this.#traces
  }
}
