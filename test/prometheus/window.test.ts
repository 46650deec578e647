import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { increaseIn, ratioIn } from '../../src/prometheus/counting.ts'
import { changesIn, gaugeIn, lastOf, resetsIn, valuesIn } from '../../src/prometheus/gauge-values.ts'
import { increaseBy, ratioBy } from '../../src/prometheus/groups.ts'
import type { LabelSelection } from '../../src/prometheus/selector.ts'
import { readWindow } from '../../src/prometheus/window-reader.ts'
import type { ObservedWindow } from '../../src/prometheus/windows.ts'
import type { Clock } from '../../src/support/clock.ts'
import { type SampleServer, START, serveSamples } from './prometheus-api.ts'

const METRIC = 'responses_total'
const window: ObservedWindow = { startedAt: START + 10_500, endedAt: START + 20_500 }

let server: SampleServer
/** Seconds after `START`; waiting moves it. */
let now: number
let whileWaiting: (() => void)[]

const clock: Clock = {
  now: () => START + now * 1000,
  sleep: async (milliseconds) => {
    now += milliseconds / 1000
    whileWaiting.shift()?.()
  },
}

beforeEach(async () => {
  server = await serveSamples()
  now = 22
  whileWaiting = []
})

afterEach(() => server.close())

function pod(name: string) {
  const labels = { job: 'pods', instance: `${name}:80`, pod: name, version: name.slice(0, 2) }
  return {
    up: (from: number, values: (number | undefined)[]) => server.write({ ...labels, __name__: 'up' }, from, values),
    count: (code: string, from: number, values: (number | undefined)[]) =>
      server.write({ ...labels, __name__: METRIC, code }, from, values),
  }
}

const read = (selection: LabelSelection = {}, metric = METRIC, of = window) =>
  readWindow(server.client, { metric, selection, window: of }, { clock, withinMs: 3000 })
const increase = async (selection?: LabelSelection) => increaseIn(await read(selection))
const errorRate = async (errors: LabelSelection = { code: /^5/ }) => ratioIn(await read(), errors, 'the query')

const many = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value)
const rising = (count: number, first = 0, step = 1) => Array.from({ length: count }, (_, i) => first + i * step)
const inconclusive = (code: string) => expect.objectContaining({ code, verdict: 'inconclusive' })

describe('what is counted', () => {
  it('reaches from the last scrape before the window to the first past its end', async () => {
    const v1 = pod('v1-a')
    v1.up(0, many(23, 1))
    v1.count('200', 0, rising(23))
    expect(await increase()).toMatchObject({ value: 11, scrapeIntervalMs: 1000, samples: 12, notes: [] })
  })

  it('has the first error of a series that was born with it', async () => {
    const v1 = pod('v1-a')
    v1.up(0, many(23, 1))
    v1.count('200', 0, rising(23, 0, 300))
    v1.count('500', 15, many(8, 37))
    expect(await errorRate()).toMatchObject({ numerator: 37, denominator: 3337, value: 37 / 3337 })
  })

  it('has the error that only the first scrape past the end shows', async () => {
    const v1 = pod('v1-a')
    v1.up(0, many(23, 1))
    v1.count('200', 0, rising(23))
    v1.count('500', 21, [1, 1])
    expect(await errorRate()).toMatchObject({ numerator: 1, denominator: 12 })
  })

  it('has both pods of a rollout, and says how far the one that ended was counted', async () => {
    const [v1, v2] = [pod('v1-a'), pod('v2-b')]
    v1.up(0, [...many(16, 1), undefined])
    v1.count('200', 0, [...rising(16, 100), undefined])
    v2.up(13, many(10, 1))
    v2.count('200', 13, rising(10, 2))
    const measured = await increase()
    expect(measured.value).toBe(5 + 10)
    expect(measured.notes).toEqual([expect.stringContaining('v1-a ended within the window')])
    expect(measured.notes[0]).toContain('4.5 s after the start')
    expect([...increaseBy('version', measured)].map(([version, { value }]) => [version, value])).toEqual([
      ['v1', 5],
      ['v2', 10],
    ])
  })

  it('bounds what a pod that ended may have counted unseen by what the users counted', async () => {
    const v1 = pod('v1-a')
    v1.up(0, [...many(16, 1), undefined])
    v1.count('200', 0, [...rising(16, 100), undefined])
    const counts = { completed: 9, failed: 3 }
    const reading = await read({}, METRIC, { ...window, counts })
    const measured = ratioIn(reading, { code: /^5/ }, 'the query')
    expect(measured.unseen).toEqual({
      targets: [{ name: 'v1-a', lastReadAt: START + 15_000 }],
      requestsAtMost: 12 - 5,
      errorsAtMost: 3,
    })
    expect(measured.notes[1]).toContain('at most 7 of their requests are in no count, and at most 3 of those failed')
  })

  it('tells the phases of a window apart', async () => {
    const v1 = pod('v1-a')
    v1.up(0, many(23, 1))
    v1.count('200', 0, rising(23))
    v1.count('500', 14, [4, 4, 4, 4, 5, 5, 6, 7, 7])
    const phases = [
      { phase: 'method', startedAt: window.startedAt, endedAt: START + 17_500 },
      { phase: 'settle', startedAt: START + 17_500, endedAt: window.endedAt },
    ]
    const measured = ratioIn(await read({}, METRIC, { ...window, phases }), { code: /^5/ }, 'the query')
    expect(measured).toMatchObject({ numerator: 7, denominator: 18 })
    expect(measured.phases).toEqual([
      { phase: 'method', numerator: 4, denominator: 11 },
      { phase: 'settle', numerator: 3, denominator: 7 },
    ])
  })

  it('counts a pod that was down before its first answer, and one that was started again', async () => {
    const [v1, v2] = [pod('v1-a'), pod('v2-b')]
    v1.up(0, [...many(14, 1), 0, 0, ...many(7, 1)])
    v1.count('200', 0, [...rising(14, 50), undefined, undefined, ...rising(7, 1)])
    v2.up(9, [0, 0, 0, ...many(11, 1)])
    v2.count('200', 12, rising(11, 5))
    const measured = await increase()
    expect(measured.value).toBe(3 + 6 + (5 + 9))
    expect(measured.notes).toEqual([expect.stringContaining('started again at 0 once')])
  })

  it.each([
    ['was over', 0.3, { numerator: 0, denominator: 11 }],
    ['was still under way, and may have read an error that came after it', 0.6, { numerator: 1, denominator: 13 }],
  ])('reaches back to a scrape that, at the start, %s', async (_, seconds, expected) => {
    const v1 = pod('v1-a')
    v1.up(0, many(23, 1))
    v1.count('200', 0, rising(23))
    v1.count('500', 0, [...many(10, 7), ...many(13, 8)])
    const labels = { job: 'pods', instance: 'v1-a:80', pod: 'v1-a', version: 'v1', __name__: 'scrape_duration_seconds' }
    server.write(labels, 0, many(23, seconds))
    expect(await errorRate()).toMatchObject(expected)
  })

  it('has no error where none was counted, as long as the label is known', async () => {
    const v1 = pod('v1-a')
    v1.up(0, many(23, 1))
    v1.count('200', 0, rising(23))
    expect(await errorRate()).toMatchObject({ numerator: 0, denominator: 11, value: 0, counted: [] })
  })

  it('tells shares apart by a label', async () => {
    for (const [name, errors] of [
      ['v1-a', 0],
      ['v2-b', 1],
    ] as const) {
      const { up, count } = pod(name)
      up(0, many(23, 1))
      count('200', 0, rising(23, 0, 1 - errors))
      count('500', 0, rising(23, 0, errors))
    }
    const shares = ratioBy('version', await errorRate())
    expect([...shares].map(([version, { value }]) => [version, value])).toEqual([
      ['v1', 0],
      ['v2', 1],
    ])
  })

  it('has the values of gauges, and where they went back', async () => {
    const labels = { job: 'pods', instance: 'v1-a:80', pod: 'v1-a' }
    pod('v1-a').up(0, many(23, 1))
    server.write({ ...labels, __name__: METRIC }, 0, [...rising(15, 40), ...rising(8, 0)])
    const reading = await read()
    expect(resetsIn(reading)).toEqual([expect.objectContaining({ at: START + 15_000, from: 54, to: 0 })])
    expect(valuesIn(reading)).toEqual([
      expect.objectContaining({
        first: { at: START + 10_000, value: 50 },
        last: { at: START + 21_000, value: 6 },
        min: 0,
        max: 54,
      }),
    ])
  })

  it('has the lowest, the highest and the last value of gauges, and where they changed', async () => {
    const labels = (name: string) => ({ job: 'pods', instance: `${name}:80`, pod: name })
    for (const name of ['v1-a', 'v2-b']) pod(name).up(0, name === 'v1-a' ? [...many(16, 1), undefined] : many(23, 1))
    server.write({ ...labels('v1-a'), __name__: METRIC }, 0, [...many(14, 3), 9, 2, undefined])
    server.write({ ...labels('v2-b'), __name__: METRIC }, 0, [...many(12, 5), Number.NaN, ...many(10, 6)])
    const reading = await read()
    const one = (pick: Parameters<typeof gaugeIn>[2]) => gaugeIn(reading, 'the query', pick)
    expect(one((values) => Math.min(...values.map(({ min }) => min))).value).toBe(2)
    expect(one((values) => lastOf(values, window.endedAt))).toMatchObject({
      value: 6,
      samples: 6 + 11,
      notes: [expect.stringContaining('v1-a ended within the window')],
    })
    expect(one((values) => Math.max(...values.map(({ max }) => max))).series).toMatchObject([
      { max: 9, maxAt: START + 14_000 },
      { max: 6 },
    ])
    expect(changesIn(reading).map(({ from, to }) => `${from} → ${to}`)).toEqual(['5 → 6', '3 → 9', '9 → 2'])
  })

  it('waits for the scrape past the end', async () => {
    const v1 = pod('v1-a')
    v1.up(0, many(20, 1))
    v1.count('200', 0, rising(20))
    now = 20.6
    whileWaiting = [
      () => {},
      () => {
        v1.up(20, [1, 1])
        v1.count('200', 20, [20, 99])
      },
    ]
    expect((await increase()).value).toBe(89)
  })

  it('leaves out a pod that was found after the window, and says so', async () => {
    const [v1, v2] = [pod('v1-a'), pod('v2-b')]
    v1.up(0, many(30, 1))
    v1.count('200', 0, rising(30))
    v2.up(25, many(5, 1))
    v2.count('500', 25, rising(5, 7))
    now = 29
    const measured = await errorRate()
    expect(measured).toMatchObject({ numerator: 0, denominator: 11 })
    expect(measured.notes).toEqual(['v2-b was first scraped 4.5 s after the end of the window and is in no count'])
  })

  it('takes pushed series by their own samples', async () => {
    server.write({ __name__: METRIC, job: 'pushed' }, 0, rising(23))
    expect((await increase()).value).toBe(11)
  })
})

describe('what is inconclusive', () => {
  it('no such series: it says what there is', async () => {
    const v1 = pod('v1-a')
    v1.up(0, many(23, 1))
    v1.count('200', 0, rising(23))
    await expect(read({ pod: 'v1-b' })).rejects.toThrow(inconclusive('CHAOS_PROMETHEUS_NO_DATA'))
    await expect(read({ pod: 'v1-b' })).rejects.toThrow('There are 1 series called responses_total; pod is v1-a.')
    await expect(read({ pot: 'v1-a' })).rejects.toThrow('none has the label pot')
    await expect(read({}, 'response_total')).rejects.toThrow(
      'There is no series called response_total at all: did you mean responses_total?',
    )
    await expect(read({}, 'requests')).rejects.toThrow('no series called requests at all: is its target scraped?')
  })

  it('a label of the errors that no series has', async () => {
    const v1 = pod('v1-a')
    v1.up(0, many(23, 1))
    v1.count('200', 0, rising(23))
    await expect(errorRate({ status: /^5/ })).rejects.toThrow(inconclusive('CHAOS_PROMETHEUS_NO_LABEL'))
  })

  it('nothing was counted', async () => {
    const v1 = pod('v1-a')
    v1.up(0, many(23, 1))
    v1.count('200', 0, many(23, 7))
    await expect(errorRate()).rejects.toThrow(inconclusive('CHAOS_PROMETHEUS_NOTHING_COUNTED'))
    expect((await increase()).value).toBe(0)
  })

  it('a target that was not scraped past the end', async () => {
    const v1 = pod('v1-a')
    v1.up(0, many(20, 1))
    v1.count('200', 0, rising(20))
    await expect(read()).rejects.toThrow(inconclusive('CHAOS_PROMETHEUS_NOT_COVERED'))
    await expect(read()).rejects.toThrow('v1-a (last read 1.5 s before the end)')
  })

  it('a target that is down at the end', async () => {
    const v1 = pod('v1-a')
    v1.up(0, [...many(15, 1), ...many(20, 0)])
    v1.count('200', 0, [...rising(15), undefined])
    await expect(read()).rejects.toThrow(inconclusive('CHAOS_PROMETHEUS_NOT_COVERED'))
    await expect(read()).rejects.toThrow('v1-a (down, last read 6.5 s before the end)')
  })

  it('a target that was down for a while, and came back', async () => {
    const v1 = pod('v1-a')
    v1.up(0, [...many(13, 1), ...many(6, 0), ...many(4, 1)])
    v1.count('200', 0, [...rising(13), ...many(6, undefined), ...rising(4)])
    await expect(read()).rejects.toThrow(inconclusive('CHAOS_PROMETHEUS_TARGET_DOWN'))
    await expect(read()).rejects.toThrow('v1-a was down for 7 s of the window')
  })

  it('several gauges where one was asked for, or none with a number', async () => {
    for (const name of ['v1-a', 'v2-b']) {
      pod(name).up(0, many(23, 1))
      pod(name).count('200', 0, many(23, name === 'v1-a' ? 1 : Number.NaN))
    }
    const both = await read()
    const last = (reading: typeof both) => gaugeIn(reading, 'q', (values) => lastOf(values, window.endedAt))
    expect(last(both).value).toBe(1)
    const neither = await read({ pod: 'v2-b' })
    expect(() => last(neither)).toThrow(inconclusive('CHAOS_PROMETHEUS_NAN'))
    const twice = { ...both, series: [...both.series, ...both.series] }
    expect(() => last(twice)).toThrow(inconclusive('CHAOS_PROMETHEUS_SEVERAL_SERIES'))
  })

  it('nobody scraped for a while', async () => {
    const v1 = pod('v1-a')
    for (const [from, count] of [
      [0, 13],
      [19, 4],
    ] as const) {
      v1.up(from, many(count, 1))
      v1.count('200', from, rising(count, from))
    }
    await expect(read()).rejects.toThrow(inconclusive('CHAOS_PROMETHEUS_GAP'))
  })

  it('a window of less than two scrapes', async () => {
    server.write({ __name__: 'up', job: 'pods', instance: 'slow:80' }, 0, [1])
    server.write({ __name__: METRIC, job: 'pods', instance: 'slow:80' }, 0, [1])
    server.write({ __name__: 'up', job: 'pods', instance: 'slow:80' }, 22, [1])
    server.write({ __name__: METRIC, job: 'pods', instance: 'slow:80' }, 22, [5])
    await expect(read()).rejects.toThrow(inconclusive('CHAOS_PROMETHEUS_SHORT_WINDOW'))
  })

  it('a counter that is no number', async () => {
    const v1 = pod('v1-a')
    v1.up(0, many(23, 1))
    v1.count('200', 0, [...rising(15), Number.NaN, ...rising(7)])
    await expect(increase()).rejects.toThrow(inconclusive('CHAOS_PROMETHEUS_NAN'))
  })

  it('what a target had counted before it could be read again', async () => {
    const v1 = pod('v1-a')
    v1.up(-300, [...many(315, 0), ...many(8, 1)])
    v1.count('200', 15, rising(8, 4000))
    await expect(increase()).rejects.toThrow(inconclusive('CHAOS_PROMETHEUS_NO_BASELINE'))
  })
})

describe('a target that Prometheus finds within the window', () => {
  const found = (processStartedAt: number) => {
    const v2 = pod('v2-b')
    v2.up(13, many(10, 1))
    v2.count('200', 13, rising(10, 4000))
    const labels = { job: 'pods', instance: 'v2-b:80', pod: 'v2-b', __name__: 'process_start_time_seconds' }
    server.write(labels, 13, many(10, Math.round(processStartedAt / 1000)))
  }

  it('counts in full when its process began within, too', async () => {
    found(START + 12_400)
    expect((await increase()).value).toBe(4008)
  })

  it('is inconclusive when its process is older than the window', async () => {
    found(START)
    await expect(increase()).rejects.toThrow(inconclusive('CHAOS_PROMETHEUS_NO_BASELINE'))
    await expect(increase()).rejects.toThrow('and its process had begun already')
  })
})

it('refuses a window that is not over', async () => {
  now = 19
  await expect(read()).rejects.toThrow(expect.objectContaining({ code: 'CHAOS_BAD_WINDOW', verdict: 'usage' }))
})

it('awaits the end of a window that is all but over', async () => {
  const v1 = pod('v1-a')
  v1.up(0, many(23, 1))
  v1.count('200', 0, rising(23))
  now = 20.4
  expect((await increase()).value).toBe(11)
})
