import { describe, expect, it } from 'vitest'
import { bucketsOf, quantileOf } from '../../src/prometheus/buckets.ts'

/** The buckets of a histogram, by how many observations are in each. */
function buckets(counts: Record<string, number>, pod = 'a') {
  let sum = 0
  return Object.entries(counts).map(([le, count]) => {
    sum += count
    return { labels: { __name__: 'took_bucket', pod, le }, increase: sum, resets: 0, born: false, samples: 2 }
  })
}

const quantile = (counts: Record<string, number>, q: number) => quantileOf(bucketsOf(buckets(counts), 'took_bucket'), q)
const inconclusive = (code: string) => expect.objectContaining({ code, verdict: 'inconclusive' })

describe('a quantile', () => {
  it.each([
    ['in the middle of a bucket', { '0.1': 0, '0.3': 100, '+Inf': 0 }, 0.5, { value: 0.2, above: 0.1, atMost: 0.3 }],
    ['in the first bucket, which begins at 0', { '0.1': 100, '+Inf': 0 }, 0.5, { value: 0.05, above: 0, atMost: 0.1 }],
    ['at the end of a bucket', { '0.1': 99, '0.3': 1, '+Inf': 0 }, 0.99, { value: 0.1, above: 0, atMost: 0.1 }],
    ['past empty buckets', { '0.1': 50, '0.2': 0, '0.3': 50, '+Inf': 0 }, 0.75, { above: 0.2, atMost: 0.3 }],
    ['beyond the last bound', { '0.1': 90, '+Inf': 10 }, 0.95, { above: 0.1, atMost: Infinity, value: Infinity }],
    ['of all of them', { '0.1': 1, '0.3': 1, '+Inf': 0 }, 1, { above: 0.1, atMost: 0.3 }],
    ['of values below 0', { '-1': 10, '+Inf': 0 }, 0.5, { above: -Infinity, atMost: -1, value: -1 }],
  ])('%s', (_, counts, q, expected) => {
    const found = quantile(counts, q)
    expect(found).toMatchObject({ above: expected.above, atMost: expected.atMost })
    if ('value' in expected) expect(found.value).toBeCloseTo(expected.value)
  })
})

describe('the buckets of several series', () => {
  it('add up', () => {
    const both = bucketsOf(
      [...buckets({ '0.1': 1, '+Inf': 2 }), ...buckets({ '0.1': 4, '+Inf': 0 }, 'b')],
      'took_bucket',
    )
    expect(both.map(({ bound, count }) => [bound, count])).toEqual([
      [0.1, 5],
      [Infinity, 7],
    ])
  })

  it('do not add up where their bounds differ', () => {
    const both = [...buckets({ '0.1': 1, '+Inf': 2 }), ...buckets({ '0.2': 4, '+Inf': 0 }, 'b')]
    expect(() => bucketsOf(both, 'took_bucket')).toThrow(inconclusive('CHAOS_PROMETHEUS_BUCKETS_DIFFER'))
  })

  it('are none without bounds, and say nothing where nothing was observed', () => {
    expect(() => bucketsOf(buckets({ none: 3 }), 'took_bucket')).toThrow(inconclusive('CHAOS_PROMETHEUS_NO_BUCKETS'))
    expect(() => bucketsOf(buckets({ '0.1': 3 }), 'took_bucket')).toThrow(inconclusive('CHAOS_PROMETHEUS_NO_BUCKETS'))
    expect(() => bucketsOf(buckets({ '+Inf': 0 }), 'took_bucket')).toThrow(
      inconclusive('CHAOS_PROMETHEUS_NOTHING_COUNTED'),
    )
  })
})
