import { describe, expect, it } from 'vitest'
import { increaseOf, samplesOfPart } from '../../src/prometheus/arithmetic.ts'

/** One sample a second, from second 0 on; a gap where there is no value. */
function samplesOf(values: readonly (number | undefined)[]) {
  return values.flatMap((value, second) => (value === undefined ? [] : [{ at: second * 1000, value }]))
}

function increase(values: readonly (number | undefined)[], from: number, until: number) {
  return increaseOf({}, samplesOfPart(samplesOf(values), { from, until }))
}

const _ = undefined

describe('how much a counter rose from 2 s to 6 s', () => {
  const cases: [title: string, values: (number | undefined)[], expected: object][] = [
    ['steadily', [0, 1, 2, 3, 4, 5, 6, 7], { increase: 4, resets: 0, born: false, samples: 5 }],
    ['not at all', [7, 7, 7, 7, 7, 7, 7, 7], { increase: 0, resets: 0, born: false }],
    ['from a last sample that is older than the window', [5, _, _, 6, _, _, 9], { increase: 4, born: false }],
    ['with a gap within', [1, 1, 1, _, _, _, 9], { increase: 8, resets: 0 }],
    ['with a reset', [0, 5, 10, 12, 3, 4, 5], { increase: 7, resets: 1 }],
    ['with a reset to 0', [0, 5, 10, 12, 0, 0, 1], { increase: 3, resets: 1 }],
    ['with two resets', [0, 5, 10, 2, 1, 1, 1], { increase: 3, resets: 2 }],
    ['with a reset within a gap', [0, 5, 10, _, _, 4, 5], { increase: 5, resets: 1 }],
    ['born with its first value', [_, _, _, 37, 37, 37, 37], { increase: 37, born: true, firstRiseAt: 3000 }],
    ['born at 0', [_, _, _, 0, 0, 2, 2], { increase: 2, born: true, firstRiseAt: 5000 }],
    ['born at the last moment', [_, _, _, _, _, _, 3], { increase: 3, born: true, samples: 1 }],
    ['ended within', [1, 2, 3, 5, 8, _, _], { increase: 5, born: false, samples: 3 }],
    ['ended before', [1, 2, _, _, _, _, _], { increase: 0, samples: 1 }],
    ['after the window only', [_, _, _, _, _, _, _, 9], { increase: 0, born: true, samples: 0 }],
  ]

  it.each(cases)('%s', (_title, values, expected) => {
    expect(increase(values, 2000, 6000)).toMatchObject(expected)
  })
})

/** The same numbers on every run (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** A minute in the life of a counter: it gains up to 4 a second, is not always scraped, and restarts now and then. */
function lifeOf(random: () => number) {
  const values: (number | undefined)[] = [0]
  let value = 0
  let gained = 0
  for (let second = 1; second < 60; second++) {
    const scraped = second === 59 || random() > 0.3
    // Only between two scrapes that follow each other, and from a value that the next is below, is nothing lost.
    if (scraped && values.at(-1) !== undefined && value > 4 && random() < 0.2) value = 0
    const gain = Math.floor(random() * 5)
    value += gain
    gained += gain
    values.push(scraped ? value : undefined)
  }
  return { values, gained }
}

it('is the sum of what a counter gained, whatever its resets and gaps', () => {
  let resets = 0
  for (let seed = 1; seed <= 200; seed++) {
    const { values, gained } = lifeOf(randomNumbers(seed))
    const counted = increase(values, 0, 59_000)
    expect(counted.increase, `seed ${seed}`).toBe(gained)
    resets += counted.resets
  }
  expect(resets).toBeGreaterThan(200)
})

it('adds up: two windows that follow each other count what the one over both does', () => {
  const random = randomNumbers(7)
  const values = Array.from({ length: 60 }, () => Math.floor(random() * 100))
  for (let middle = 1; middle < 59; middle++) {
    const parts = increase(values, 0, middle * 1000).increase + increase(values, middle * 1000, 59_000).increase
    expect(parts).toBe(increase(values, 0, 59_000).increase)
  }
})
