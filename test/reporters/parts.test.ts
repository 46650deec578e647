import { expect, test } from 'vitest'
import { lineOf } from '../../reporters/terminal/parts.ts'
import { widthOf } from '../../reporters/terminal/style.ts'

const parts = [
  { text: '4.2 s of 20 s', priority: 3 },
  { text: '10 requests/s', priority: 1 },
  { text: 'a title that is rather long', priority: 2 },
]

test.each(Array.from({ length: 61 }, (_, index) => index - 5))('a line has room in %i columns', (width) => {
  expect(widthOf(lineOf(parts, ' · ', width))).toBeLessThanOrEqual(Math.max(0, width))
  expect(widthOf(lineOf(parts.slice(0, 1), ' · ', width))).toBeLessThanOrEqual(Math.max(0, width))
})

test('what has room stays whole, and the least important goes first', () => {
  expect(lineOf(parts, ' · ', 80)).toBe('4.2 s of 20 s · 10 requests/s · a title that is rather long')
  expect(lineOf(parts, ' · ', 45)).toBe('4.2 s of 20 s · a title that is rather long')
})
