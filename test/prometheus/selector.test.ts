import { describe, expect, it } from 'vitest'
import { labelMatcher } from '../../src/lab/metrics/matchers.ts'
import { type LabelSelection, matchesSelection, selectorText } from '../../src/prometheus/selector.ts'

describe('the selector of PromQL', () => {
  const cases: [LabelSelection, string][] = [
    [{}, 'm'],
    [{ name: 'service1' }, 'm{name="service1"}'],
    [{ code: 500, name: 'a"b\\c\nd' }, 'm{code="500",name="a\\"b\\\\c\\nd"}'],
    [{ code: /^5..$/ }, 'm{code=~"5.."}'],
    [{ code: /^5/ }, 'm{code=~"5.*"}'],
    [{ code: /5../ }, 'm{code=~".*5...*"}'],
    [{ code: /^4|5$/ }, 'm{code=~".*(?:^4|5$).*"}'],
    [{ path: /\/a\$/i }, 'm{path=~"(?i).*\\\\/a\\\\$.*"}'],
  ]

  it.each(cases)('%o is %s', (selection, text) => {
    expect(selectorText('m', selection)).toBe(text)
  })

  it.each([
    ['a b', {}],
    ['1st', {}],
    ['m', { 'a-b': 'x' }],
    ['m', { 'x="1"} or up{y': 'x' }],
  ])('refuses the names in %s %o', (metric, selection) => {
    expect(() => selectorText(metric, selection)).toThrow(expect.objectContaining({ code: 'CHAOS_BAD_SELECTOR' }))
  })
})

describe('a regular expression finds the same here and in Prometheus', () => {
  const values = ['500', '503', '200', '1500', 'GET', 'get', '', '5']
  it.each([/5../, /^5../, /^5..$/, /5/, /^4|5$/, /^(5..|2..)$/, /get/i, /^$/])('%s', (pattern) => {
    const source = /=~"(.*)"\}/.exec(selectorText('m', { code: pattern }))?.[1]?.replaceAll('\\\\', '\\') ?? ''
    const matcher = labelMatcher('code', '=~', source)
    for (const code of values) {
      expect([code, matcher.matches(code)]).toEqual([code, pattern.test(code)])
      expect([code, matchesSelection({ code }, { code: pattern })]).toEqual([code, pattern.test(code)])
    }
  })
})
