import { expect, test } from 'vitest'
import { randomFrom } from '../../src/support/random.ts'
import { type EndedRequest, Ledger } from '../../src/traffic/ledger.ts'
import { mergeBooks } from '../../src/traffic/merge.ts'
import { Observation } from '../../src/traffic/observation.ts'
import { spanOf } from './plans.ts'

const requests = Array.from({ length: 5000 }, (_, sequence) => requestOf(sequence, randomFrom(sequence + 1)))

/** Slow and fast ones, well and badly answered, on time and late. */
function requestOf(sequence: number, random: () => number): EndedRequest {
  const plannedMs = sequence * 2
  const sentMs = plannedMs + random() * 5
  const completed = random() < 0.9
  return {
    ...{ sequence, plannedMs, sentMs, endedMs: sentMs + 10 ** (random() * 4), completed },
    outcome: completed ? '2xx' : random() < 0.5 ? '5xx' : 'refused',
    ...{ stage: 'waiting', status: undefined, pod: undefined, span: spanOf(`${sequence}`) },
  }
}

function booksOf(of: readonly EndedRequest[], dropped = 0) {
  const ledger = new Ledger(0)
  for (const request of of.toSorted((a, b) => a.endedMs - b.endedMs)) ledger.enter(request)
  for (let n = 0; n < dropped; n += 1) ledger.drop(30_000)
  return ledger.close(30_000, of.length + dropped)
}

/** One in three, the rest, and a few that could not be sent. */
const parts = [
  booksOf(requests.filter(({ sequence }) => sequence % 3 === 0)),
  booksOf(requests.filter(({ sequence }) => sequence % 3 !== 0)),
  booksOf([], 7),
]

test('what several have counted is what one would have: sums, percentiles, and whom to look at', () => {
  const whole = booksOf(requests, 7)

  const merged = mergeBooks(parts)

  expect(merged.summary).toEqual(whole.summary)
  for (const percentage of [0, 1, 25, 50, 90, 99, 99.9, 100]) {
    expect(merged.latency.percentile(percentage)).toBe(whole.latency.percentile(percentage))
    expect(merged.serviceTime.percentile(percentage)).toBe(whole.serviceTime.percentile(percentage))
    expect(merged.lateness.percentile(percentage)).toBe(whole.lateness.percentile(percentage))
  }
  expect(merged.slowest).toEqual(whole.slowest)
  expect(merged.firstErrors.map(({ outcome }) => outcome).sort()).toEqual([
    ...Array(3).fill('5xx'),
    ...Array(3).fill('refused'),
  ])
  const total = merged.seconds.flatMap(({ outcomes }) => Object.values(outcomes)).reduce((sum, count) => sum + count, 0)
  expect(total).toBe(whole.summary.planned)
})

test('to merge changes nothing of what is merged', () => {
  const before = JSON.stringify(parts.map(({ summary }) => summary))
  mergeBooks(parts)
  mergeBooks(parts)
  expect(JSON.stringify(parts.map(({ summary, latency }) => ({ ...summary, latencyMs: latency.summary() })))).toBe(
    before,
  )
})

test('two observations are one of all their users', () => {
  const [some, others] = parts.map((books, index) => {
    const observed = { name: `users ${index}`, url: 'http://shop/', rate: '10/s' }
    return new Observation(observed, { startedAt: index * 1000, endedAt: 30_000 + index, ...books }, 'a result')
  })

  const all = some?.mergedWith(others as Observation<unknown>)

  expect(all).toMatchObject({
    ...{ name: 'users 0, users 1', url: 'http://shop/', rate: '10/s', startedAt: 0, endedAt: 30_001 },
    counts: { planned: 5000 },
    ...{ phases: [], streams: {}, result: undefined, reachedBy: undefined },
  })
  expect(all?.latencyMs(99)).toBe(booksOf(requests).latency.percentile(99))
  expect(all?.errorRate).toBe(booksOf(requests).summary.failed / 5000)
})
