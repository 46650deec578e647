import { describe, expect, it } from 'vitest'
import { identify, withTargetLabels } from '../../../src/lab/metrics/labels.ts'
import { labelMatcher } from '../../../src/lab/metrics/matchers.ts'
import { chunkSize } from '../../../src/lab/metrics/samples.ts'
import { Storage } from '../../../src/lab/metrics/storage.ts'
import { samplesBetween, valueAt } from './reading.ts'

const m = identify({ __name__: 'm' })
const all = [labelMatcher('__name__', '!=', '')]

function only(storage: Storage) {
  const [series, ...others] = storage.select(all)
  if (!series || others.length > 0) throw new Error('expected one series')
  return series
}

describe('the samples of a series', () => {
  it('are found by time, left-open, across chunks', () => {
    const storage = new Storage()
    for (let at = 1; at <= 3 * chunkSize; at++) storage.append(m, at, at * 10)
    const series = only(storage)
    expect(samplesBetween(series, chunkSize - 2, chunkSize + 1).map(({ at }) => at)).toEqual([
      chunkSize - 1,
      chunkSize,
      chunkSize + 1,
    ])
    for (const at of [1, chunkSize, chunkSize + 1, 3 * chunkSize]) expect(valueAt(series, at + 0.5, 0)).toBe(at * 10)
    expect(valueAt(series, 0, -1)).toBeUndefined()
    expect(valueAt(series, 500, 400)).toBeUndefined()
  })

  it('end with a stale marker, which no range shows, and may begin again', () => {
    const storage = new Storage()
    storage.append(m, 1, 1)
    storage.append(m, 2, Number.NaN)
    storage.appendStale(m, 3)
    storage.append(m, 5, 5)
    const series = only(storage)
    expect([1, 2, 3, 4, 5].map((at) => valueAt(series, at, 0))).toEqual([1, Number.NaN, undefined, undefined, 5])
    expect(samplesBetween(series, 0, 9).map(({ value }) => value)).toEqual([1, Number.NaN, 5])
  })

  it('come in the order of time', () => {
    const storage = new Storage()
    for (const at of [5, 5, 4, 6]) storage.append(m, at, at)
    expect(samplesBetween(only(storage), 0, 9).map(({ at }) => at)).toEqual([5, 6])
  })
})

describe('the storage', () => {
  it('forgets what is older than its retention, and series with it', () => {
    const storage = new Storage({ retentionMs: 1000 })
    storage.append(identify({ __name__: 'old' }), 0, 1)
    storage.append(m, 900, 1)
    expect(storage.select(all)).toHaveLength(2)
    storage.append(identify({ __name__: 'new' }), 1500, 1)
    expect(storage.select(all).map(({ labels }) => labels.__name__)).toEqual(['m', 'new'])
    expect(storage.select([labelMatcher('__name__', '=', 'old')])).toEqual([])
  })

  it('keeps no more than its samples, the newest', () => {
    const storage = new Storage({ maxSamples: 4 * chunkSize })
    for (let at = 1; at <= 20 * chunkSize; at++) storage.append(m, at, at)
    const samples = samplesBetween(only(storage), 0, Number.POSITIVE_INFINITY)
    expect(samples).toHaveLength(4 * chunkSize)
    expect(samples.at(-1)?.at).toBe(20 * chunkSize)
  })
})

describe('many series of few samples', () => {
  const name = (i: number) => identify({ __name__: 'm', i: String(i) })

  it('fit: a series takes memory for what it has', () => {
    const storage = new Storage({ maxSamples: 16 * 1000 })
    for (let i = 0; i < 1000; i++) storage.append(name(i), 1, i)
    expect(storage.select(all)).toHaveLength(1000)
  })

  it('are forgotten, the oldest first, when there are too many', () => {
    const storage = new Storage({ maxSamples: 16 * 1000 })
    for (let i = 0; i < 5000; i++) storage.append(name(i), i, i)
    const kept = storage.select(all).map(({ labels }) => Number(labels.i))
    expect([kept.length, kept[0], kept.at(-1)]).toEqual([1000, 4000, 4999])
    storage.append(name(0), 6000, 0)
    expect(valueAt(storage.select([labelMatcher('i', '=', '0')])[0], 6000, 0)).toBe(0)
  })
})

describe('labels', () => {
  it('are the same series in any order, and without those that are empty', () => {
    expect(identify({ a: '1', b: '2', c: '' }).key).toBe(identify({ b: '2', a: '1' }).key)
    expect(identify({ a: '1' }).key).not.toBe(identify({ a: '2' }).key)
  })

  it('of the target win over those of the series, which are kept under another name', () => {
    const labels = withTargetLabels({ __name__: 'm', job: 'own', exported_job: 'older' }, { job: 'pods', pod: 'p' })
    expect(labels).toEqual({
      __name__: 'm',
      job: 'pods',
      exported_exported_job: 'own',
      exported_job: 'older',
      pod: 'p',
    })
  })
})

describe('a matcher', () => {
  it.each([
    ['=~', '5..', ['500'], ['1500', '5000', '']],
    ['!~', '5..', ['200', '1500', ''], ['500']],
    ['=', '', [''], ['x']],
    ['!=', 'x', ['', 'y'], ['x']],
    ['=~', 'a|b', ['a', 'b'], ['ab', 'xa']],
    ['=~', '(?i)get', ['GET', 'get'], ['got']],
    ['=~', '(?P<verb>g.t)', ['get', 'g\nt'], ['gt']],
    ['=~', '.*', ['', 'x'], []],
    ['=~', '((?i)pro).*', ['PROduction', 'prod'], ['canary']],
    ['=~', '[[:alpha:]]+\\z', ['abc'], ['a1']],
  ] as const)('%s "%s"', (operator, pattern, matching, others) => {
    const matcher = labelMatcher('l', operator, pattern)
    for (const value of matching) expect([value, matcher.matches(value)]).toEqual([value, true])
    for (const value of others) expect([value, matcher.matches(value)]).toEqual([value, false])
  })

  it.each(['(?=a)', '(?<!a)b', '(a)\\1', '(', '*'])('refuses %s', (pattern) => {
    expect(() => labelMatcher('l', '=~', pattern)).toThrow()
  })
})
