import { expect } from 'expect'
import { matchers } from '../../src/matchers/index.ts'
import { cases, type Expect, surpriseOf } from './cases.ts'

expect.extend(matchers)

const surprises = cases.map((each) => [each.title, surpriseOf(each, expect as unknown as Expect) ?? 'as expected'])
process.stdout.write(JSON.stringify(Object.fromEntries(surprises)))
