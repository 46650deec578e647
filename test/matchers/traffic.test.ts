import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { matchers } from '../../src/matchers/index.ts'
import { programBeside } from '../../src/support/program.ts'
import { cases, type Expect, surpriseOf } from './cases.ts'
import { observe } from './observations.ts'

expect.extend(matchers)
const ours = expect as unknown as Expect

test.each(cases)("on Vitest's expect: $title", (each) => {
  expect(surpriseOf(each, ours)).toBeUndefined()
})

// In a process of its own: both keep their state in the same place, and Jest's must not come first.
test("on Jest's expect, all of them", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [programBeside(import.meta.url, 'on-jest-expect')])

  expect(JSON.parse(stdout)).toEqual(Object.fromEntries(cases.map(({ title }) => [title, 'as expected'])))
})

test('an awaited promise can be asserted on with resolves', async () => {
  const promise = expect(Promise.resolve(observe({ '2xx': 200 }))).resolves as unknown as ReturnType<Expect>

  await promise.toHaveNoErrors()
})

test('a failed assertion shows what was found and what was expected', () => {
  const assertion = () => ours(observe({ '2xx': 150, '5xx': 50 })).toHaveErrorRateBelow('1%')

  expect(assertion).toThrow(expect.objectContaining({ actual: 0.25, expected: 0.01 }))
})
