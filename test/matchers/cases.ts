import { observe } from './observations.ts'

/** What an assertion comes to: it holds, or throws a message with these words, or an error with this code. */
export type Ending = 'holds' | { says: string[] } | { code: string; verdict: string }

export interface Case {
  title: string
  assert(expect: Expect): void
  ending: Ending
}

/** What Vitest's `expect` and Jest's have in common. */
export type Expect = (received: unknown) => Matchers & { not: Matchers }

interface Matchers {
  toHaveNoErrors(): void
  toHaveErrorRateBelow(limit: unknown, options?: { minRequests?: number }): void
  toBeBelow(limit: unknown, options?: { minRequests?: number }): void
  toHaveLatencyBelow(limit: unknown, options?: { percentile?: number }): void
  toStayBelow(limit: unknown): void
  toBeAtLeast(limit: unknown, options?: { minRequests?: number }): void
  toHaveServed(options: { atLeast: number }): void
  toHaveBurnRateBelow(limit: number, options: { slo: unknown; minRequests?: number }): void
}

const inconclusive = (code: string) => ({ code, verdict: 'inconclusive' })
const failed = (code: string) => ({ code, verdict: 'failed' })
const usage = (code: string) => ({ code, verdict: 'usage' })

/** One request in a hundred takes a second. */
const oneInHundredIsSlow = (n: number) => (n % 100 === 0 ? 1000 : 20)

export const cases: Case[] = [
  {
    title: 'no errors',
    assert: (expect) => expect(observe({ '2xx': 150, '3xx': 50 })).toHaveNoErrors(),
    ending: 'holds',
  },
  {
    title: 'some errors are told by outcome, with the first one',
    assert: (expect) => expect(observe({ '2xx': 196, 'timeout-wait': 3, '5xx': 1 }, () => 20)).toHaveNoErrors(),
    ending: {
      says: [
        'expected no errors, and 4 of 200 requests failed (2 %)',
        'users of service1 called http://service1/ at 10/s for 20 s: 196 × 2xx, 3 × timeout-wait, 1 × 5xx',
        'first error: timeout-wait after 20 ms, planned 19.6 s after the start, trace trace-196',
      ],
    },
  },
  {
    title: 'the first error is one click away where the config has links',
    assert: (expect) => {
      const link = 'http://jaeger/trace/{traceId}'
      expect(observe({ '2xx': 196, reset: 4 }, () => 20, link)).toHaveNoErrors()
    },
    ending: { says: ['planned 19.6 s after the start, trace http://jaeger/trace/trace-196'] },
  },
  {
    title: 'the pods behind the first error are told as they were',
    assert: (expect) => expect(observe({ '2xx': 196, refused: 4 })).toHaveNoErrors(),
    ending: { says: ['first error: refused after 20 ms', 'pods at that time: web-1 terminating'] },
  },
  {
    title: 'users of a closed loop call as so many',
    assert: (expect) => {
      expect(observe({ '2xx': 199, reset: 1 }, () => 20, undefined, '50 users who think for 1 s')).toHaveNoErrors()
    },
    ending: { says: ['called http://service1/ as 50 users who think for 1 s for 20 s: 199 × 2xx, 1 × reset'] },
  },
  {
    title: 'not no errors',
    assert: (expect) => expect(observe({ '2xx': 196, refused: 4 })).not.toHaveNoErrors(),
    ending: 'holds',
  },
  {
    title: 'not no errors, where there are none',
    assert: (expect) => expect(observe({ '2xx': 200 })).not.toHaveNoErrors(),
    ending: { says: ['expected errors, and all 200 requests were answered as users expect'] },
  },
  {
    title: 'a few dropped requests are overlooked',
    assert: (expect) => expect(observe({ '2xx': 198, dropped: 2 })).toHaveNoErrors(),
    ending: 'holds',
  },
  {
    title: 'many dropped requests leave no errors open',
    assert: (expect) => expect(observe({ '2xx': 190, dropped: 10 })).toHaveNoErrors(),
    ending: inconclusive('CHAOS_DROPPED_REQUESTS'),
  },
  {
    title: 'errors are errors, however many requests were dropped',
    assert: (expect) => expect(observe({ '2xx': 100, '5xx': 1, dropped: 100 })).toHaveNoErrors(),
    ending: { says: ['1 of 101 requests failed'] },
  },
  {
    title: 'an error rate below the limit',
    assert: (expect) => expect(observe({ '2xx': 199, reset: 1 })).toHaveErrorRateBelow('1%'),
    ending: 'holds',
  },
  {
    title: 'an error rate at the limit',
    assert: (expect) => expect(observe({ '2xx': 198, reset: 2 })).toHaveErrorRateBelow('1%'),
    ending: { says: ['expected an error rate below 1 %, and 2 of 200 requests failed (1 %)', 'first error: reset'] },
  },
  {
    title: 'not an error rate below the limit',
    assert: (expect) => expect(observe({ '2xx': 100, '5xx': 100 })).not.toHaveErrorRateBelow(0.01),
    ending: 'holds',
  },
  {
    title: 'not an error rate below the limit, where it is',
    assert: (expect) => expect(observe({ '2xx': 200 })).not.toHaveErrorRateBelow('1%'),
    ending: { says: ['expected an error rate of at least 1 %, and 0 of 200 requests failed (0 %)'] },
  },
  {
    title: 'too few requests for an error rate',
    assert: (expect) => expect(observe({ '2xx': 99 })).toHaveErrorRateBelow('1%'),
    ending: inconclusive('CHAOS_TOO_FEW_REQUESTS'),
  },
  {
    title: 'too few requests for an error rate, with not',
    assert: (expect) => expect(observe({ '5xx': 99 })).not.toHaveErrorRateBelow('1%'),
    ending: inconclusive('CHAOS_TOO_FEW_REQUESTS'),
  },
  {
    title: 'few requests, where few are asked for',
    assert: (expect) => expect(observe({ '2xx': 20 })).toHaveErrorRateBelow('1%', { minRequests: 20 }),
    ending: 'holds',
  },
  {
    title: 'dropped requests that could change the verdict',
    assert: (expect) => expect(observe({ '2xx': 196, reset: 1, dropped: 3 })).toHaveErrorRateBelow('1%'),
    ending: inconclusive('CHAOS_DROPPED_REQUESTS'),
  },
  {
    title: 'dropped requests that cannot change the verdict',
    assert: (expect) => expect(observe({ '2xx': 180, dropped: 20 })).toHaveErrorRateBelow('20%'),
    ending: 'holds',
  },
  {
    title: 'an error rate below nothing',
    assert: (expect) => expect(observe({ '2xx': 200 })).toHaveErrorRateBelow('0%'),
    ending: usage('CHAOS_BAD_RATIO'),
  },
  {
    title: 'a latency below the limit',
    assert: (expect) => expect(observe({ '2xx': 200 }, oneInHundredIsSlow)).toHaveLatencyBelow('300ms'),
    ending: 'holds',
  },
  {
    title: 'a latency above the limit',
    assert: (expect) =>
      expect(observe({ '2xx': 1000 }, oneInHundredIsSlow)).toHaveLatencyBelow('300ms', { percentile: 99.9 }),
    ending: {
      says: [
        'expected the p99.9 of the latency to be below 300 ms, and it was 1 s',
        'slowest: 2xx (status 200) after 1 s',
      ],
    },
  },
  {
    title: 'not a latency below the limit',
    assert: (expect) => expect(observe({ '2xx': 200 }, () => 20)).not.toHaveLatencyBelow('300ms'),
    ending: { says: ['expected the p99 of the latency to be at least 300 ms, and it was 20 ms'] },
  },
  {
    title: 'too few requests for a percentile',
    assert: (expect) => expect(observe({ '2xx': 99 })).toHaveLatencyBelow('300ms'),
    ending: inconclusive('CHAOS_TOO_FEW_REQUESTS'),
  },
  {
    title: 'refused connections have no latency',
    assert: (expect) => expect(observe({ refused: 500 })).toHaveLatencyBelow('300ms'),
    ending: inconclusive('CHAOS_TOO_FEW_REQUESTS'),
  },
  {
    title: 'a percentile that is none',
    assert: (expect) => expect(observe({ '2xx': 200 })).toHaveLatencyBelow('300ms', { percentile: 0 }),
    ending: usage('CHAOS_BAD_PERCENTILE'),
  },
  {
    title: 'enough requests were served',
    assert: (expect) => expect(observe({ '2xx': 190, '5xx': 10 })).toHaveServed({ atLeast: 190 }),
    ending: 'holds',
  },
  {
    title: 'too few requests were served, dropped ones included',
    assert: (expect) => expect(observe({ '2xx': 150, '5xx': 40, dropped: 10 })).toHaveServed({ atLeast: 190 }),
    ending: { says: ['expected at least 190 requests to be served, and 150 of 200 were', 'first error: 5xx'] },
  },
  {
    title: 'not so many were served',
    assert: (expect) => expect(observe({ '2xx': 190 })).not.toHaveServed({ atLeast: 190 }),
    ending: { says: ['expected fewer than 190 requests to be served, and 190 of 190 were'] },
  },
  {
    title: 'nothing was sent to be served',
    assert: (expect) => expect(observe({ dropped: 10 })).toHaveServed({ atLeast: 1 }),
    ending: inconclusive('CHAOS_NO_REQUESTS'),
  },
  {
    title: 'a budget that burns slowly',
    assert: (expect) => expect(observe({ '2xx': 999, '5xx': 1 })).toHaveBurnRateBelow(14.4, { slo: '99.9%' }),
    ending: 'holds',
  },
  {
    title: 'a budget that burns too fast',
    assert: (expect) => expect(observe({ '2xx': 980, '5xx': 20 })).toHaveBurnRateBelow(14.4, { slo: '99.9%' }),
    ending: {
      says: [
        'expected the error budget of 99.9% to burn at less than 14.4 times its rate, and it burnt at 20 times: 20 of 1000 failed, where the budget is 1',
        'first error: 5xx',
      ],
    },
  },
  {
    title: 'too few requests for a burn rate',
    assert: (expect) => expect(observe({ '2xx': 69 })).toHaveBurnRateBelow(14.4, { slo: '99.9%' }),
    ending: inconclusive('CHAOS_TOO_FEW_REQUESTS'),
  },
  {
    title: 'dropped requests that could have burnt the budget',
    assert: (expect) => expect(observe({ '2xx': 980, dropped: 20 })).toHaveBurnRateBelow(14.4, { slo: '99.9%' }),
    ending: inconclusive('CHAOS_DROPPED_REQUESTS'),
  },
  {
    title: 'an objective without a budget',
    assert: (expect) => expect(observe({ '2xx': 980 })).toHaveBurnRateBelow(1, { slo: '100%' }),
    ending: usage('CHAOS_BAD_SLO'),
  },
  {
    title: 'a burn rate that no error rate reaches',
    assert: (expect) => expect(observe({ '2xx': 980 })).toHaveBurnRateBelow(14.4, { slo: '90%' }),
    ending: usage('CHAOS_BAD_BURN_RATE'),
  },
  {
    title: 'a promise of served requests',
    assert: (expect) => expect(Promise.resolve(observe({ '2xx': 200 }))).toHaveServed({ atLeast: 1 }),
    ending: failed('CHAOS_NOT_AWAITED'),
  },
  {
    title: 'no requests',
    assert: (expect) => expect(observe({})).toHaveNoErrors(),
    ending: inconclusive('CHAOS_NO_REQUESTS'),
  },
  {
    title: 'no requests, with not',
    assert: (expect) => expect(observe({ dropped: 10 })).not.toHaveNoErrors(),
    ending: inconclusive('CHAOS_NO_REQUESTS'),
  },
  {
    title: 'a promise that was not awaited',
    assert: (expect) => expect(Promise.resolve(observe({ '2xx': 200 }))).toHaveNoErrors(),
    ending: failed('CHAOS_NOT_AWAITED'),
  },
  {
    title: 'a promise that was not awaited, with not',
    assert: (expect) => expect(Promise.resolve(observe({ '2xx': 200 }))).not.toHaveErrorRateBelow('1%'),
    ending: failed('CHAOS_NOT_AWAITED'),
  },
  {
    title: 'something else',
    assert: (expect) => expect({ errors: 0 }).toHaveNoErrors(),
    ending: failed('CHAOS_NOT_AN_OBSERVATION'),
  },
  {
    title: 'nothing at all',
    assert: (expect) => expect(undefined).toHaveLatencyBelow('1s'),
    ending: failed('CHAOS_NOT_AN_OBSERVATION'),
  },
]

/** How the assertion really ended, in the terms of the case: `undefined` when it ended as it should. */
export function surpriseOf({ assert, ending }: Case, expect: Expect): string | undefined {
  const error = thrownBy(() => assert(expect))
  if (ending === 'holds') return error === undefined ? undefined : `it threw ${error}`
  if (!(error instanceof Error)) return `it threw ${error}`
  if ('says' in ending) {
    const missing = ending.says.filter((words) => !error.message.includes(words))
    return missing.length === 0 ? undefined : `${JSON.stringify(error.message)} does not say ${JSON.stringify(missing)}`
  }
  const { code, verdict } = error as Error & { code?: string; verdict?: string }
  return code === ending.code && verdict === ending.verdict
    ? undefined
    : `it threw ${code} (${verdict}): ${error.message}`
}

function thrownBy(work: () => void): unknown {
  try {
    work()
    return undefined
  } catch (error) {
    return error
  }
}
