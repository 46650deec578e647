import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { matchers } from '../../src/matchers/index.ts'
import { programBeside } from '../../src/support/program.ts'
import { type Expect, surpriseOf } from './cases.ts'
import { measuredCases } from './measured-cases.ts'

expect.extend(matchers)

test.each(measuredCases)("on Vitest's expect: $title", (each) => {
  expect(surpriseOf(each, expect as unknown as Expect)).toBeUndefined()
})

// In a process of its own: both keep their state in the same place, and Jest's must not come first.
test("on Jest's expect, all of them", async () => {
  const program = programBeside(import.meta.url, 'measured-on-jest-expect')
  const { stdout } = await promisify(execFile)(process.execPath, [program])

  expect(JSON.parse(stdout)).toEqual(Object.fromEntries(measuredCases.map(({ title }) => [title, 'as expected'])))
})

test("on Jest's expect, by the name of the package and with its types", async () => {
  const program = programBeside(import.meta.url, 'from-the-package')
  const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=chaos-test:source', program])

  expect(JSON.parse(stdout)).toEqual([
    expect.stringContaining('expected a value below 5, and it was 7'),
    expect.stringContaining('toBeBelow was given a promise'),
  ])
})
