import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { ResourceSpans } from '../../../reporters/html/otlp.ts'
import type { ChaosEvent } from '../../../src/journal/events.ts'
import { temporaryFolder } from '../../journal/folder.ts'
import { Script, startMs } from '../../journal/script.ts'
import { Complaints, hasBrowser, startBrowser } from './browser.ts'
import { exported, hex, span } from './otlp.ts'
import { large, slowerAnchor, slowerTraceId, talk, writePage } from './reports.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

describe.skipIf(!hasBrowser)('the report in a real Chromium (skipped where there is no /usr/bin/chromium)', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await startBrowser()
  })
  afterAll(async () => browser?.close())

  interface Look {
    hash?: string
    width?: number
    colorScheme?: 'light' | 'dark'
    /** Only for what a test brings along: a reader's browser holds the page to its policy. */
    bypassCSP?: boolean
    run?: { events: readonly ChaosEvent[]; spans: ResourceSpans[] }
  }

  /** Opens a report. Whatever the test does with it, the page must have nothing to complain about. */
  async function open({
    hash = '',
    width = 1200,
    colorScheme = 'light',
    bypassCSP = false,
    run = talk(),
  }: Look = {}): Promise<Page> {
    const address = writePage(temporaryFolder(), run.events, run.spans)
    const context = await browser.newContext({
      viewport: { width, height: 900 },
      colorScheme,
      bypassCSP,
      reducedMotion: 'reduce',
    })
    const page = await context.newPage()
    page.setDefaultTimeout(20_000)
    const complaints = new Complaints(page)
    onTestFinished(async () => {
      await context.close()
      expect(complaints.all).toEqual([])
    })
    await page.goto(`${address}${hash}`)
    return page
  }

  /** What axe-core finds wrong: the rule, and where. */
  async function violationsOf(page: Page): Promise<string[]> {
    await page.evaluate(axe)
    const { violations } = await page.evaluate<AxeResults>('axe.run()')
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`)
  }

  const failedRequests = (page: Page) => page.getByRole('region', { name: 'Failed requests' }).getByRole('row')
  const ownTrace = (page: Page) => page.locator('#trace').getByRole('treegrid')

  test('it shows the verdicts of all hypotheses first, each with its sentence, and first those that need attention', async () => {
    const page = await open()
    await page.getByRole('heading', { level: 1, name: 'Held' }).waitFor()
    const rows = page.getByRole('listitem').filter({ has: page.getByRole('link') })
    expect(await rows.allInnerTexts()).toEqual([
      expect.stringMatching(/Known weakness.*a slower version is transparent.*45 %/s),
      expect.stringMatching(/Held.*a new version is transparent.*200 requests, none failed/s),
    ])
  })

  test('a click leads to a hypothesis, and back', async () => {
    const page = await open()
    await page.getByRole('link', { name: /a slower version is transparent/ }).click()
    await page.getByRole('heading', { level: 1, name: 'a slower version is transparent' }).waitFor()
    expect(page.url()).toContain(`#${slowerAnchor}`)
    await page.locator('.chart canvas').nth(2).waitFor()
    await failedRequests(page).nth(1).waitFor()
    await page.getByRole('link', { name: 'All hypotheses' }).click()
    await page.getByRole('heading', { level: 1, name: 'Held' }).waitFor()
    await page.goBack()
    await page.getByRole('heading', { level: 1, name: 'a slower version is transparent' }).waitFor()
  })

  test('a failed request opens its trace below: call → service1 → service2', async () => {
    const page = await open({ hash: `#${slowerAnchor}` })
    await failedRequests(page).nth(1).getByRole('link').click()
    const rows = page.locator('.opened-trace').getByRole('row')
    expect(await rows.nth(2).getAttribute('aria-level')).toBe('3')
    expect((await rows.allInnerTexts()).map((text) => text.replace(/\s+/g, ' ').trim())).toEqual([
      expect.stringMatching(/chaos-test GET \/ 1 s/),
      expect.stringMatching(/service1 fetch-counter 1 s/),
      expect.stringMatching(/service2 next-count 1 s/),
    ])
    await page.getByRole('button', { name: 'Close' }).click()
    await expect.poll(() => rows.count()).toBe(0)
  })

  test('a link to a span opens its trace with the span, in its hypothesis', async () => {
    const page = await open({ hash: `#span-${hex(55 * 8 + 2 + 0x10000, 16)}` })
    await page.getByRole('region', { name: 'Span next-count' }).waitFor()
    expect(await page.locator('.opened-trace .row.is-selected').innerText()).toContain('next-count')
    await page.getByRole('heading', { level: 1, name: 'a slower version is transparent' }).waitFor()
  })

  test('a link to a span of the experiment shows it in its trace; a link to nowhere shows the overview', async () => {
    const page = await open({ hash: `#span-${hex(4, 16)}` })
    await page.getByRole('region', { name: 'Span kubernetes rollout status' }).waitFor()
    await page.evaluate(`location.assign('#trace-00ff')`)
    await page.getByRole('heading', { level: 1, name: 'Held' }).waitFor()
  })

  test('the keyboard alone goes through a trace', async () => {
    const page = await open({ hash: `#${slowerAnchor}` })
    const grid = ownTrace(page)
    await grid.focus()
    const selected = () => page.locator('#trace .row.is-selected').getAttribute('aria-label')
    expect(await selected()).toContain('a slower version is transparent')
    await page.keyboard.press('ArrowDown')
    expect(await selected()).toContain('method')
    await page.keyboard.press('ArrowLeft')
    expect(await grid.getByRole('row').count()).toBe(3)
    expect(await page.locator('#trace .row.is-selected').getAttribute('aria-expanded')).toBe('false')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowRight')
    expect(await selected()).toContain('kubernetes set image')
    await page.keyboard.press('Enter')
    await page.getByRole('region', { name: 'Span kubernetes set image' }).waitFor()
    const before = await page.locator('#trace .ticks').innerText()
    await page.keyboard.press('+')
    expect(await page.locator('#trace .ticks').innerText()).not.toBe(before)
    await page.keyboard.press('0')
    expect(await page.locator('#trace .ticks').innerText()).toBe(before)
    await page.keyboard.press('End')
    expect(await selected()).toContain('rollback')
    const active = await grid.getAttribute('aria-activedescendant')
    expect(await page.locator(`#${active}`).getAttribute('aria-label')).toContain('rollback')
    await page.keyboard.press('Escape')
    await expect.poll(() => page.locator('#trace .span-details').count()).toBe(0)
  })

  test('the keyboard alone goes through the timeline, which says what it shows', async () => {
    const page = await open({ hash: `#${slowerAnchor}` })
    await page.locator('.chart canvas').nth(2).waitFor()
    await page.getByRole('group', { name: /^Timeline/ }).focus()
    for (let second = 0; second < 8; second++) await page.keyboard.press('ArrowRight')
    await expect.poll(() => page.locator('.timeline [aria-live]').innerText()).toMatch(/method: answered 4, 5xx 6/)
    await page.keyboard.press('+')
    await page.getByRole('button', { name: 'Show all' }).first().click()
    await expect.poll(() => page.locator('.timeline .hint button').getAttribute('class')).toContain('is-hidden')
  })

  test('pods and endpoints are shown by version, each until it changed', async () => {
    const page = await open({ hash: `#${slowerAnchor}` })
    const chartOf = (name: RegExp) => page.locator('.chart').filter({ has: page.getByRole('heading', { name }) })
    for (const chart of [chartOf(/Pods of deployment\/service2/), chartOf(/Endpoints of service\/service2/)]) {
      const plot = chart.locator('.u-over')
      const { width = 0 } = (await plot.boundingBox()) ?? {}
      // The next change, back to the old version, is nearer than the last one.
      await plot.hover({ position: { x: width * 0.7, y: 10 } })
      await expect.poll(() => chart.locator('.chart-legend').innerText()).toMatch(/old, ready\s*0\s*new, ready\s*1/)
    }
  })

  test('a click on a dot of the latency chart opens that request', async () => {
    const page = await open({ hash: `#${slowerAnchor}` })
    await failedRequests(page).nth(1).waitFor()
    const plot = page.locator('.chart').nth(1).locator('.u-over')
    const { width = 0, height = 0 } = (await plot.boundingBox()) ?? {}
    // Each failure took a second: their dots stand in one row, which is found from above.
    for (let y = 2; y < height && !page.url().includes('#trace-'); y += 6) {
      await plot.click({ position: { x: width * 0.6, y } })
    }
    expect(page.url()).toContain('#trace-')
    await page.locator('.opened-trace .row').nth(2).waitFor()
  })

  test('of a run that was cut short, the figures so far are shown', async () => {
    const script = new Script().start()
    const hypothesis = script.file('specs/a.chaos.ts').hypothesis('b2', 'cut short').enter('method')
    hypothesis.add({ type: 'traffic-started', traffic: 'users', url: 'http://127.18.67.10/', perSecond: 10 })
    hypothesis.wait(1000).add({ type: 'traffic-progress', traffic: 'users', outcomes: { '2xx': 9, refused: 1 } })
    const page = await open({ hash: '#a--cut-short', run: { events: script.events, spans: [] } })
    const text = await page.locator('.figures').innerText()
    expect(text.replace(/\s+/g, ' ')).toContain('Requests so far 10 10/s Failed so far 10 % 1 of 10')
  })

  test('dragging over a chart zooms all of them', async () => {
    const page = await open({ hash: `#${slowerAnchor}` })
    const box = await page.locator('.u-over').first().boundingBox()
    const { x = 0, y = 0, width = 0, height = 0 } = box ?? {}
    await page.mouse.move(x + width * 0.3, y + height / 2)
    await page.mouse.down()
    await page.mouse.move(x + width * 0.5, y + height / 2, { steps: 4 })
    await page.mouse.up()
    await expect.poll(() => page.locator('.timeline .hint button').getAttribute('class')).not.toContain('is-hidden')
    expect(await page.getByRole('list', { name: 'Phases' }).getByRole('listitem').count()).toBe(1)
  })

  test('the colours follow the system, and the button', async () => {
    const page = await open({ colorScheme: 'dark', hash: `#${slowerAnchor}` })
    const background = () => page.evaluate('getComputedStyle(document.body).backgroundColor')
    const dark = await background()
    await page.getByRole('button', { name: /Colours: auto/ }).click()
    expect(await background()).not.toBe(dark)
    await page.getByRole('button', { name: /Colours: light/ }).click()
    expect(await background()).toBe(dark)
  })

  test.each([320, 390, 768, 1440])('at %i pixels nothing stands out of the page', async (width) => {
    const page = await open({ width })
    const overflow = () => page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
    expect(await overflow()).toBe(0)
    await page.getByRole('link', { name: /a slower version is transparent/ }).click()
    await failedRequests(page).nth(1).getByRole('link').click()
    await page.locator('.opened-trace .row').nth(1).click()
    expect(await overflow()).toBe(0)
  })

  test.each(['light', 'dark'] as const)(
    'axe finds nothing that keeps people out, in %s colours',
    async (colorScheme) => {
      const page = await open({ colorScheme, bypassCSP: true })
      expect(await violationsOf(page)).toEqual([])
      await page.getByRole('link', { name: /a slower version is transparent/ }).click()
      await failedRequests(page).nth(1).getByRole('link').click()
      await page.locator('.opened-trace .row').nth(1).click()
      expect(await violationsOf(page)).toEqual([])
    },
  )

  test('hostile strings are shown and do nothing', async () => {
    const hostile = '</script><script>alert(1)</script><img src=x onerror=alert(2)>\u2028"\''
    const script = new Script().start('javascript:alert(3)//{traceId}')
    const hypothesis = script.file('specs/a.chaos.ts').hypothesis('b2', hostile).enter('method')
    hypothesis.add({ type: 'finding', title: hostile, data: hostile })
    hypothesis.leave('method', hostile).deviated(hostile)
    const own = span({
      traceId: slowerTraceId,
      spanId: hex(1, 16),
      name: hostile,
      from: startMs,
      durationMs: 9,
      error: hostile,
    })
    const page = await open({ run: { events: script.end('deviated', 1).events, spans: [exported(hostile, [own])] } })
    await page.getByRole('link', { name: /alert/ }).click()
    await page.locator('#trace .row').first().click()
    await page.locator('.span-details').waitFor()
    expect(await page.locator('img, a[href^="javascript"]').count()).toBe(0)
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toContain('<script>alert(1)</script>')
  })

  test('10,000 spans open soon, and only the rows in sight exist', async () => {
    const page = await open({ run: large(10_000), hash: '#slower--many-spans' })
    const grid = ownTrace(page)
    await grid.getByRole('row').first().waitFor()
    expect(await grid.getAttribute('aria-rowcount')).toBe('10000')
    expect(await grid.getByRole('row').count()).toBeLessThan(80)
    await grid.focus()
    await page.keyboard.press('End')
    await expect.poll(() => page.locator('#trace .row.is-selected').getAttribute('aria-rowindex')).toBe('10000')
    expect(await grid.getByRole('row').count()).toBeLessThan(80)
    await page.getByRole('button', { name: 'All traced' }).click()
    expect(await page.getByRole('region', { name: 'All traced requests' }).getByRole('row').count()).toBeLessThan(80)
  })

  test('without JavaScript the verdicts are there', async () => {
    const address = writePage(temporaryFolder(), talk().events, [])
    const context = await browser.newContext({ javaScriptEnabled: false })
    onTestFinished(() => context.close())
    const page = await context.newPage()
    await page.goto(address)
    expect(await page.locator('noscript').innerText()).toContain('a slower version is transparent')
  })
})
