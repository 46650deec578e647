import { expect } from 'expect'
import { matchers } from '../../src/matchers/index.ts'
import { type Expect, surpriseOf } from './cases.ts'
import { measuredCases } from './measured-cases.ts'

expect.extend(matchers)

const surprises = measuredCases.map((each) => [
  each.title,
  surpriseOf(each, expect as unknown as Expect) ?? 'as expected',
])
process.stdout.write(JSON.stringify(Object.fromEntries(surprises)))
