import { describe, expect, test } from 'vitest'
import { SecondlyBudget } from '../../src/tracing/budget.ts'
import { parseTraceparent } from '../../src/tracing/propagation.ts'

const traceId = '0af7651916cd43dd8448eb211c80319c'
const spanId = 'b7ad6b7169203331'

describe('parseTraceparent', () => {
  test('reads the span of another process', () => {
    expect(parseTraceparent(`00-${traceId}-${spanId}-01`)).toEqual({ traceId, spanId })
    expect(parseTraceparent(`00-${traceId}-${spanId}-00`)).toEqual({ traceId, spanId })
    expect(parseTraceparent(`01-${traceId}-${spanId}-01-more`)).toEqual({ traceId, spanId })
  })

  test.each([
    undefined,
    '',
    'nonsense',
    `00-${traceId}-${spanId}`,
    `00-${traceId}-${spanId}-01-more`,
    `ff-${traceId}-${spanId}-01`,
    `00-${'0'.repeat(32)}-${spanId}-01`,
    `00-${traceId}-${'0'.repeat(16)}-01`,
    `00-${traceId.toUpperCase()}-${spanId}-01`,
  ])('takes %j for none', (malformed) => {
    expect(parseTraceparent(malformed)).toBeUndefined()
  })
})

test('a budget lets so many through in each second', () => {
  let now = 0
  const budget = new SecondlyBudget(2, { now: () => now })
  const taken = (at: number) => {
    now = at
    return budget.take()
  }
  expect([taken(0), taken(500), taken(999), taken(1000), taken(1001), taken(1002), taken(5000)]).toEqual([
    ...[true, true, false],
    ...[true, true, false],
    true,
  ])
})
