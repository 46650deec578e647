import { describe, expect, it } from 'vitest'
import { seriesHash } from '../../../../src/lab/metrics/promql/aggregations/series-hash.ts'
import { durationMs, numberOf } from '../../../../src/lab/metrics/promql/durations.ts'
import { KahanSum, Mean, maxOf, minOf, plainDecimal, quantile } from '../../../../src/lab/metrics/promql/numbers.ts'
import { xxh64 } from '../../../../src/lab/metrics/promql/xxh64.ts'

function gathered(into: KahanSum | Mean, numbers: readonly number[]): number {
  for (const number of numbers) into.add(number)
  return into.value
}

const sum = (numbers: readonly number[]) => gathered(new KahanSum(), numbers)
const mean = (numbers: readonly number[]) => gathered(new Mean(), numbers)

describe('numbers', () => {
  it('a sum loses nothing', () => {
    expect(sum([1, 1e100, 1, -1e100])).toBe(2)
    expect(sum(Array.from({ length: 10 }, () => 0.1))).toBe(1)
    expect([sum([]), sum([Number.POSITIVE_INFINITY, 1])]).toEqual([0, Number.POSITIVE_INFINITY])
  })

  it('a mean does not overflow', () => {
    expect(mean([1.7e308, 1.7e308, 1.7e308])).toBeCloseTo(1.7e308, -300)
    expect(mean([1, 2, 6])).toBe(3)
  })

  it.each([
    [0.5, [3, 1, 2], 2],
    [0.75, [1, 2], 1.75],
    [0.5, [Number.NaN, 1, 3], 1],
    [0, [1, Number.NaN], Number.NaN],
    [-0.1, [1], Number.NEGATIVE_INFINITY],
    [1.1, [1], Number.POSITIVE_INFINITY],
    [Number.NaN, [1], Number.NaN],
    [0.5, [], Number.NaN],
  ])('the %d-quantile of %j is %d', (phi, numbers, expected) => {
    expect(quantile(phi, numbers)).toBe(expected)
  })

  it('an infinity wins over NaN', () => {
    expect([maxOf(Number.NaN, Number.POSITIVE_INFINITY), minOf(Number.NEGATIVE_INFINITY, Number.NaN)]).toEqual([
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
    ])
    expect([maxOf(Number.NaN, 1), minOf(1, Number.NaN)]).toEqual([Number.NaN, Number.NaN])
  })

  it.each([
    [1e21, '1000000000000000000000'],
    [-1.5e22, '-15000000000000000000000'],
    [1.25e-7, '0.000000125'],
    [0.1, '0.1'],
    [Number.NaN, 'NaN'],
    [Number.NEGATIVE_INFINITY, '-Inf'],
  ])('%d in full is %s', (value, text) => {
    expect(plainDecimal(value)).toBe(text)
  })
})

describe('what stands in a query', () => {
  it.each([
    ['1h30m', 5_400_000],
    ['1y2w3d4h5m6s7ms', 33_019_506_007],
    ['5m1h', undefined],
    ['5', undefined],
    ['', undefined],
    ['1m1m', undefined],
  ])('the duration %j is %d ms', (text, milliseconds) => {
    expect(durationMs(text)).toBe(milliseconds)
  })

  it.each([
    ['0x1F', 31],
    ['010', 8],
    ['09', 9],
    ['1_000', 1000],
    ['.5e1', 5],
    ['Inf', Number.POSITIVE_INFINITY],
    ['nan', Number.NaN],
  ])('the number %s is %d', (text, value) => {
    expect(numberOf(text)).toBe(value)
  })
})

describe('the hash that limit_ratio samples by', () => {
  it.each([
    ['', 0xef46db3751d8e999n],
    ['abc', 0x44bc2cf5ad770999n],
    ['The quick brown fox jumps over the lazy dog', 0x0b242d361fda71bcn],
  ])('of %j', (text, hash) => {
    expect(xxh64(Buffer.from(text))).toBe(hash)
  })

  it('tells apart where a name ends and a value begins', () => {
    expect(seriesHash({ a: 'bc' })).not.toBe(seriesHash({ ab: 'c' }))
    expect(seriesHash({ a: 'x'.repeat(300) })).not.toBe(seriesHash({ a: 'x'.repeat(301) }))
  })
})
