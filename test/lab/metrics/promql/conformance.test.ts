import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runFolder, runScript } from './promqltest/run.ts'

/** Prometheus' own test data: beside the checkout, as they are not copied into the project. */
const folder = resolve(import.meta.dirname, '../../../../../shared/promqltest')
const isThere = existsSync(folder)

describe.skipIf(!isThere && !process.env.CI)(
  "Prometheus' own tests (skipped where ../shared/promqltest is missing)",
  () => {
    const outcomes = isThere ? runFolder(folder) : []

    it('are there', () => {
      expect(isThere, `${folder} is missing: with CI=true it must be there`).toBe(true)
      expect(outcomes.length).toBeGreaterThan(700)
    })

    it('pass, all of them', () => {
      const failed = outcomes.filter(({ outcome }) => outcome === 'failed')
      expect(failed.map(({ file, query, reason }) => `${file}: ${query}: ${reason}`)).toEqual([])
    })

    it('are out of scope for no other reason than what this server refuses by name', () => {
      const reasons = outcomes.filter(({ outcome }) => outcome === 'out of scope').map(({ reason }) => reason)
      expect([...new Set(reasons)]).toEqual(['native histograms'])
    })
  },
)

describe('the runner of such tests', () => {
  const outcomeOf = (script: string) =>
    runScript('a.test', script).map(({ outcome, reason }) => `${outcome} ${reason}`.trim())

  it('sees what passes, what fails and what is out of scope', () => {
    expect(
      outcomeOf(`
load 1m
  m{a="1"} 0+1x3 _ stale
  # a comment within a command
  m{a="2"} NaN
  h {{count:1 sum:2}}x2

eval instant at 2m m{a="1"}
  m{a="1"} 2

eval instant at 2m m{a="1"}
  m{a="1"} 3

eval range from 0 to 5m step 1m sum(m{a="1"})
  {} 0 1 2 3 3 _

eval instant at 0 m +
  expect fail

eval instant at 0 m
  expect fail

eval instant at 0 h
  h 1

eval instant at 0 rate(m[1m] smoothed)

clear

eval instant at 2m m
`),
    ).toEqual([
      'passed',
      expect.stringMatching(/^failed expected 3 of .* found 2$/),
      'passed',
      'passed',
      'failed expected a failure, and it did not fail',
      'out of scope native histograms',
      'out of scope the modifier smoothed',
      'passed',
    ])
  })

  it('compares the order, annotations and messages where they are expected', () => {
    const script = (order: string, annotation: string) => `
load 10s
  requests{n="1"} 1 2
  requests{n="2"} 2 3

eval instant at 10s sort_desc(requests)
  expect ordered
  ${order}

eval instant at 10s rate(requests[20s])
  expect ${annotation}
  {n="1"} 0.1
  {n="2"} 0.1
`
    const info =
      'PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "requests" (1:6)'
    const ordered = 'requests{n="2"} 3\n  requests{n="1"} 2'
    const reversed = 'requests{n="1"} 2\n  requests{n="2"} 3'
    expect(outcomeOf(script(ordered, `info msg: ${info}`))).toEqual(['passed', 'passed'])
    expect(outcomeOf(script(reversed, 'no_info'))).toEqual([
      expect.stringContaining('failed expected'),
      expect.stringContaining('failed unexpected info'),
    ])
    expect(outcomeOf(script(ordered, 'warn')).at(1)).toContain('failed an expected warning is missing')
  })
})
