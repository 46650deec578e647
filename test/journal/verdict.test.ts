import { expect, test } from 'vitest'
import { againstExpectation, exitCode, journalOutcome, severity, worst } from '../../src/journal/verdict.ts'

test.each([
  ['held', 0],
  ['deviated', 1],
  ['usage', 2],
  ['unsteady', 3],
  ['inconclusive', 4],
  ['failed', 5],
  ['not-restored', 6],
] as const)('the exit code of %s is %d', (verdict, code) => {
  expect(exitCode(verdict, 'SIGINT')).toBe(code)
})

test.each([
  ['SIGHUP', 129],
  ['SIGINT', 130],
  ['SIGKILL', 137],
  ['SIGTERM', 143],
  ['the death of the command', 143],
  [undefined, 143],
] as const)('interrupted by %s exits with %d', (signal, code) => {
  expect(exitCode('interrupted', signal)).toBe(code)
})

test('of several verdicts the worst counts', () => {
  for (const [index, verdict] of severity.entries()) {
    expect(worst([...severity.slice(index)].reverse())).toBe(verdict)
  }
})

test('nothing to judge is held', () => {
  expect(worst([])).toBe('held')
})

test('only a deviation that showed is as good as held where it is documented', () => {
  expect(againstExpectation('deviated', true, 'deviated')).toBe('held')
  expect(againstExpectation('deviated', false, 'deviated')).toBe('deviated')
  expect(againstExpectation('deviated', true, 'held')).toBe('deviated')
  expect(againstExpectation('failed', true, 'deviated')).toBe('failed')
})

test.each([
  ['held', false, 'completed', false],
  ['held', true, 'completed', true],
  ['deviated', true, 'completed', true],
  ['usage', true, null, false],
  ['unsteady', true, 'failed', false],
  ['inconclusive', true, 'failed', false],
  ['failed', true, 'failed', false],
  ['not-restored', true, 'failed', true],
  ['not-restored', false, 'failed', false],
  ['interrupted', true, 'interrupted', true],
  [undefined, false, null, false],
] as const)(
  'a journal says of %s (an assertion failed: %s): status %s, deviated %s',
  (verdict, observed, status, deviated) => {
    expect(journalOutcome(verdict, observed)).toEqual({ status, deviated })
  },
)
