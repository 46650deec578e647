import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Chalk } from 'chalk'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { JournalReporter } from '../../reporters/journal.ts'
import { chalkFor, harmless, truncate, widthOf, wrap } from '../../reporters/terminal/style.ts'
import { TerminalReporter } from '../../reporters/terminal.ts'
import type { ChaosEvent } from '../../src/journal/events.ts'
import type { Clock } from '../../src/support/clock.ts'
import { temporaryFolder } from '../journal/folder.ts'
import { playDeviated, playHeld, Script, startMs } from '../journal/script.ts'
import { RecordedOutput } from './output.ts'

const folder = '.chaos/runs/2026-03-01T09-30-00-4f2a'
const plain = new Chalk({ level: 0 })

/** A clock that stands at the latest event. */
class EventClock implements Clock {
  #now = startMs

  now(): number {
    return this.#now
  }

  async sleep(): Promise<void> {}

  set(milliseconds: number): void {
    this.#now = milliseconds
  }
}

function show(events: readonly ChaosEvent[], options: { columns?: number; isTTY?: boolean } = {}): RecordedOutput {
  const output = new RecordedOutput(options)
  const clock = new EventClock()
  const reporter = new TerminalReporter({ output, chalk: plain, clock, links: false })
  for (const event of events) {
    clock.set(event.at)
    reporter.onEvent(event)
  }
  reporter.onEnd(folder)
  return output
}

function playWell(): Script {
  const script = new Script().start()
  playHeld(
    script.file('specs/rollout/new-version.chaos.ts'),
    'h1',
    'rolling out a new version is transparent to our users',
  )
  const title = 'rolling out a slower service2 is transparent to our users'
  playDeviated(script.file('specs/rollout/slower.chaos.ts'), 'h2', title, 'deviated')
  return script.end('held', 0)
}

/** One of each that did not go well. */
function playBadly(): Script {
  const script = new Script().start()
  playDeviated(script.file('specs/a.chaos.ts'), 'h1', 'a slower service2 is transparent to our users', 'held')

  const unsteady = script.file('specs/b.chaos.ts').hypothesis('h2', 'a new service2 is transparent')
  unsteady.check('before', false, 'expected no errors, but 3 of 20 requests failed (3 × refused)')
  const notSteady = 'Before the method, the steady state was not there: 3 of 20 requests failed'
  unsteady.add({ type: 'hypothesis-ended', verdict: 'unsteady', deviated: false, reason: notSteady })

  const owed = script.file('specs/c.chaos.ts').hypothesis('h3', 'an unhealthy service2 is not rolled out')
  owed.check('before').enter('method').setImage('a3', 'counter/service2:v3').leave('method', 'a 403').check('after')
  owed.enter('rollback').undone('a3', 'failed').leave('rollback', 'still owed')
  owed.add({
    type: 'hypothesis-ended',
    verdict: 'not-restored',
    deviated: false,
    reason: 'still owed',
    code: 'CHAOS_NOT_RESTORED',
  })

  const dead = script.file('specs/d.chaos.ts')
  dead.hypothesis('h4', 'its worker dies').check('before').enter('method').setImage('a4', 'counter/service2:v4')
  dead.add({ type: 'worker-died', pid: 4242 })
  script.add({ type: 'notice', message: '12 spans were dropped: the collector does not answer' })
  return script.end('not-restored', 6)
}

describe.each([60, 100])('at %d columns', (columns) => {
  test('a run that went well', () => {
    const { text } = show(playWell().events, { columns })
    expect(text).toMatchSnapshot()
  })

  test('a run that did not', () => {
    const { text } = show(playBadly().events, { columns })
    expect(text).toMatchSnapshot()
  })

  test('what stays on a terminal is the same end, without the phases', () => {
    const { screen } = show(playWell().events, { columns, isTTY: true })
    expect(screen.join('\n')).toMatchSnapshot()
  })

  test('only what cannot be broken is wider: an id, a path, a link', () => {
    for (const events of [playWell().events, playBadly().events]) {
      for (const line of show(events, { columns }).text.split('\n')) {
        const longestWord = Math.max(...line.trim().split(/\s+/).map(widthOf))
        if (longestWord < columns / 2) expect(widthOf(line), line).toBeLessThanOrEqual(columns)
      }
    }
  })
})

test('an interrupted run says by what, and exits as the signal says', () => {
  const script = new Script().start()
  const hypothesis = script.file('a.chaos.ts').hypothesis('h1', 'it').enter('method').setImage('a1', 'v2')
  script.add({ type: 'interrupted', signal: 'SIGINT' })
  hypothesis.undone('a1')
  hypothesis.add({
    type: 'hypothesis-ended',
    verdict: 'interrupted',
    deviated: false,
    reason: 'SIGINT stopped the run',
  })
  const { text } = show(script.end('interrupted', 130).events)
  expect(text).toContain('■ interrupted by SIGINT: rolling back')
  expect(text).toContain('exit 130, interrupted by SIGINT: ')
})

test('what hooks still owe is told', () => {
  const script = new Script().start()
  const action = {
    type: 'action-started',
    action: 'a0',
    title: 'scale service2 to 0',
    undo: 'the scale of service2',
  } as const
  script.file('a.chaos.ts').add(action)
  const { text } = show(script.end('not-restored', 6).events)
  expect(text).toContain('a.chaos.ts: scale service2 to 0: STILL OWED: the scale of service2')
})

describe('the live block', () => {
  function startLive(columns = 80) {
    const output = new RecordedOutput({ columns, isTTY: true })
    const clock = new EventClock()
    const reporter = new TerminalReporter({ output, chalk: plain, clock, links: false })
    onTestFinished(() => reporter.onEnd(folder))
    const script = new Script().start()
    const play = () => {
      for (const event of script.events.splice(0)) reporter.onEvent(event)
    }
    return { output, clock, reporter, script, play }
  }

  test('shows each running hypothesis in its place: phase, time, requests, errors and progress', () => {
    const { output, clock, script, play } = startLive()
    play()
    expect(output.screen).toEqual(['◌ getting ready', ''])

    const file = script.file('specs/a.chaos.ts')
    play()
    expect(output.screen).toEqual(['◌ specs/a.chaos.ts · getting ready', ''])

    const hypothesis = file.hypothesis('h1', 'a slower service2 is transparent').enter('method')
    hypothesis.add({ type: 'traffic-started', traffic: 't', url: 'http://a/', perSecond: 10 })
    hypothesis.add({ type: 'traffic-progress', traffic: 't', outcomes: { '2xx': 115, '5xx': 2, timeout: 1 } })
    hypothesis.add({ type: 'action-progress', subject: 'deployment/service2', message: '1 of 2 pods' })
    clock.set(startMs + 12_400)
    play()
    expect(output.screen).toEqual([
      '● a slower service2 is transparent',
      '  method 12 s · █ 118/s · 118 requests · 3 errors',
      '  deployment/service2 1 of 2 pods',
      '',
    ])

    hypothesis.leave('method').held()
    play()
    expect(output.screen).toEqual([
      '✓ held  a slower service2 is transparent  0 ms',
      '◌ specs/a.chaos.ts · between hypotheses',
      '',
    ])
  })

  test.each([
    [
      80,
      '  method 4 s of 20 s · █▅▁█ 10/s · 25 requests · 10 errors',
      '  deployment/service2 ▒▒█░ 1 of 2 updated, 3 available, waiting for the new pod',
    ],
    [40, '  method 4 s of 20 s · 10 errors', '  deployment/service2 ▒▒█░ 1 of 2 updat…'],
    [24, '  method 4 s of 20 s', '  deployment/service2'],
    [12, '  method 4 …', '  deploymen…'],
  ])('shows in %i columns how long users will call, their latest seconds, and the pods', (columns, users, rollout) => {
    const { output, clock, script, play } = startLive(columns)
    const hypothesis = script.file('a.chaos.ts').hypothesis('h1', 'it').enter('method')
    hypothesis.add({ type: 'traffic-started', traffic: 't', url: 'http://a/', perSecond: 10, atLeastMs: 20_000 })
    for (const outcomes of [{ '2xx': 10 }, { '2xx': 5 }, {}, { '5xx': 10 }]) {
      hypothesis.add({ type: 'traffic-progress', traffic: 't', outcomes })
    }
    const data = { desired: 2, updated: 1, available: 3, unavailable: 1, old: 2 }
    const message = '1 of 2 updated, 3 available, waiting for the new pod'
    hypothesis.add({ type: 'action-progress', subject: 'deployment/service2', message, data })
    clock.set(startMs + 4200)
    play()
    expect(output.screen).toEqual(['● it', users, rollout, ''])
    hypothesis.leave('method')
    play()
    expect(output.screen[1], 'between two phases').toBe(users)
    hypothesis.enter('rollback')
    play()
    expect(output.screen.join('\n'), 'what is over is no longer shown').not.toContain('updat')
  })

  test('shows the pods as they were seen, also on their way back', () => {
    const { output, script, play } = startLive()
    const hypothesis = script.file('a.chaos.ts').hypothesis('h1', 'it').enter('method')
    const subject = 'deployment/service2'
    const seen = (name: string, before: number, later: number, notReady: number) =>
      hypothesis.add({ type: 'readiness-seen', subject: name, ready: { before, later, notReady } })
    const data = { desired: 2, updated: 1, available: 3, unavailable: 1, old: 2 }
    hypothesis.add({ type: 'action-progress', subject, message: '1 of 2 updated', data })
    seen(subject, 1, 2, 1)
    seen('service/service2', 1, 2, 0)
    play()
    expect(output.screen[2]).toBe('  deployment/service2 ▒██░ 1 of 2 updated')
    hypothesis.leave('method').enter('rollback')
    seen(subject, 2, 1, 0)
    play()
    expect(output.screen[2]).toBe('  deployment/service2 ▒▒█ going back')
    hypothesis.leave('rollback').enter('restored')
    play()
    expect(output.screen[1]).toMatch(/^ {2}steady state again /)
    expect(output.screen[2]).toBe('')
  })

  test('stays below what specs print, also where a line comes in pieces', () => {
    const { output, reporter, script, play } = startLive()
    script.file('a.chaos.ts').hypothesis('h1', 'it')
    play()
    reporter.onConsole('one\ntw')
    reporter.onConsole('o\n')
    expect(output.screen).toEqual(['one', 'two', '● it', '  starting 0 s', ''])
  })

  test('is written in one piece, and only when it changed', () => {
    const { output, script, play } = startLive()
    const hypothesis = script.file('a.chaos.ts').hypothesis('h1', 'it')
    play()
    const before = output.writes.length
    hypothesis.add({ type: 'finding', title: 'nothing to see here' })
    play()
    expect(output.writes.length).toBe(before)
    hypothesis.enter('before')
    play()
    expect(output.writes.length).toBe(before + 1)
  })

  test('is drawn again as time passes', async () => {
    const { output, clock, script, play } = startLive()
    script.file('a.chaos.ts').hypothesis('h1', 'it')
    play()
    clock.set(startMs + 7000)
    await vi.waitFor(() => expect(output.screen).toContain('  starting 7 s'), { interval: 10 })
  })

  test('never takes more rows than there are, and finds its top in a narrower window', () => {
    const { output, script, play } = startLive()
    output.rows = 5
    for (const name of ['one', 'two', 'three', 'four']) script.file(`${name}.chaos.ts`).hypothesis(name, name)
    play()
    expect(output.screen).toHaveLength(5)
    output.columns = 10
    script.add({ type: 'notice', message: 'narrow' })
    play()
    const rowsOfBlock = ['● one', '  starting 0 s', '● two', '  starting 0 s'].map((line) =>
      Math.ceil(line.length / 10),
    )
    expect(output.writes.at(-1)).toContain(`\u001b[${rowsOfBlock.reduce((sum, rows) => sum + rows)}A`)
  })
})

test('what comes from elsewhere cannot steer the terminal', () => {
  const script = new Script().start()
  const hypothesis = script.file('a.chaos.ts').hypothesis('h1', 'red \u001b[31mtitle\u001b[0m\nand\u0007 more')
  hypothesis.add({
    type: 'hypothesis-ended',
    verdict: 'failed',
    deviated: false,
    reason: '\u001b]0;owned\u0007\u001b[2Jboom\r\nline two',
  })
  const { text } = show(script.end('failed', 5).events)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
  expect(text).toContain('red title and more')
  expect(text).toMatch(/why +boom\n +line two/)
})

test('colours come from the stream, and NO_COLOR takes them away', () => {
  expect(chalkFor({ isTTY: true }, { NO_COLOR: '1' }).level).toBe(0)
  const output = new RecordedOutput()
  const reporter = new TerminalReporter({ output, chalk: new Chalk({ level: 1 }) })
  for (const event of playWell().events) reporter.onEvent(event)
  reporter.onEnd(folder)
  expect(output.text).toContain('\u001b[32m✓ held\u001b[39m')
  expect(output.text).toContain('\u001b[36m≈ known weakness\u001b[39m')
  expect(output.text).not.toContain('\u001b[31m')
})

test('text is measured and cut by what it takes on the screen', () => {
  expect(widthOf('größe')).toBe(5)
  expect(widthOf('服务 🚀')).toBe(7)
  expect(widthOf('\u001b[31mred\u001b[39m')).toBe(3)
  expect(truncate('服务服务', 5)).toBe('服务…')
  expect(truncate('short', 5)).toBe('short')
  expect(truncate('longer', 0)).toBe('')
  expect(wrap('one two  three\n  four five', 9)).toEqual(['one two', 'three', '  four', '  five'])
  expect(wrap('it was 6 % of them', 8)).toEqual(['it was', '6 % of', 'them'])
  expect(wrap('', 9)).toEqual([''])
  expect(harmless('a\tb')).toBe('a  b')
})

test('the journal reporter writes the journals at the end', () => {
  const runFolder = temporaryFolder()
  const reporter = new JournalReporter()
  for (const event of playBadly().events) reporter.onEvent(event)
  reporter.onEnd(runFolder)
  const journal = JSON.parse(readFileSync(join(runFolder, 'journal.json'), 'utf8'))
  expect(journal.experiments.map(({ verdict }: { verdict: string }) => verdict)).toEqual([
    'deviated',
    'unsteady',
    'not-restored',
    null,
  ])
})

test('a trace is a link where the terminal can follow it, and its address is text elsewhere', () => {
  const textOf = (links: boolean) => {
    const output = new RecordedOutput({ isTTY: true })
    const reporter = new TerminalReporter({ output, chalk: plain, links })
    for (const event of playWell().events) reporter.onEvent(event)
    reporter.onEnd(folder)
    return output.text
  }
  const traceId = 'h1'.padStart(32, '0')
  const url = `http://traces.test/trace/${traceId}`
  expect(textOf(true)).toContain(`\u001b]8;;${url}\u001b\\${traceId}\u001b]8;;\u001b\\`)
  expect(textOf(false)).not.toContain('\u001b]8')
  expect(textOf(false)).toContain(url)
})
