import { describe, expect, it } from 'vitest'
import { type ExpositionFormat, readExposition } from '../../../src/lab/metrics/exposition.ts'
import { metadataOf } from '../../../src/lab/metrics/metadata.ts'
import { seriesLabels } from '../../../src/lab/metrics/series-text.ts'

function read(text: string, format: ExpositionFormat = 'text') {
  return readExposition(text, format).samples.map(({ series, value, at }) => [seriesLabels(series), value, at])
}

describe('an exposition in the text format', () => {
  it.each([
    ['m 1', { __name__: 'm' }, 1],
    ['  m\t1  ', { __name__: 'm' }, 1],
    ['a:b_c9 1.5e3', { __name__: 'a:b_c9' }, 1500],
    ['m -.5', { __name__: 'm' }, -0.5],
    ['m +Inf', { __name__: 'm' }, Number.POSITIVE_INFINITY],
    ['m -Inf', { __name__: 'm' }, Number.NEGATIVE_INFINITY],
    ['m NaN', { __name__: 'm' }, Number.NaN],
    ['m{} 1', { __name__: 'm' }, 1],
    ['m {a="b"}1', { __name__: 'm', a: 'b' }, 1],
    ['m{ a = "b" , c="d", } 1', { __name__: 'm', a: 'b', c: 'd' }, 1],
    ['m{a="} 1 {,="} 2', { __name__: 'm', a: '} 1 {,=' }, 2],
    ['m{a="\\"quoted\\" \\\\ \\n end"} 1', { __name__: 'm', a: '"quoted" \\ \n end' }, 1],
    ['m{a="\\d"} 1', { __name__: 'm', a: '\\d' }, 1],
    ['m{a="ü"} 1', { __name__: 'm', a: 'ü' }, 1],
    ['{"http.requests", "net.peer"="x", a="b"} 1', { __name__: 'http.requests', 'net.peer': 'x', a: 'b' }, 1],
  ])('%s', (line, labels, value) => {
    expect(read(`# HELP m Help.\n# TYPE m counter\n\n${line}\n`)).toEqual([[labels, value, undefined]])
  })

  it('may say when a sample was, in milliseconds', () => {
    expect(read('m 3 1395066363000')).toEqual([[{ __name__: 'm' }, 3, 1_395_066_363_000]])
  })

  it.each([
    ['m', 'line 2: expected a value, found the end of the line'],
    ['m one', 'line 2: expected a value, found "one"'],
    ['m 0x10', 'line 2: expected a value'],
    ['m 1 2 3', 'line 2: expected a value and at most a timestamp'],
    ['m 1 2.5', 'line 2: expected a value and at most a timestamp'],
    ['m 1 # {trace_id="a"} 1', 'line 2: expected a value and at most a timestamp'],
    ['9m 1', 'line 2: expected the name of a metric, found "9m 1"'],
    ['<html>', 'line 2: expected the name of a metric'],
    ['m{a="b" 1', 'line 2: expected a value, found the end of the line'],
  ])('%s is a fault', (line, message) => {
    expect(() => read(`ok 1\n${line}\n`)).toThrow(message)
  })

  it.each([
    ['m{a=b}', 'line 7: expected a label, found "a=b}"'],
    ['m{a="b"; c="d"}', 'expected a label'],
    ['m{1="b"}', 'expected a label'],
    ['m{a="b",a="c"}', 'the label a is there twice'],
    ['m{"n"}', 'the label __name__ is there twice'],
    ['{a="b"}', 'line 7: expected the name of a metric'],
  ])('%s has faulty labels', (series, message) => {
    expect(() => seriesLabels(series, 7)).toThrow(message)
  })
})

describe('an exposition of OpenMetrics', () => {
  it('has times in seconds, exemplars that are left out, and an end', () => {
    const text = `# TYPE request_seconds histogram
# UNIT request_seconds seconds
request_seconds_bucket{le="0.1"} 8 # {trace_id="a b } 1"} 0.067 1520879607.789
request_seconds_bucket{le="+Inf"} 9 1520879607.5 # {} 0.5
request_seconds_count 9 1520879607.25
# EOF
`
    expect(read(text, 'openmetrics')).toEqual([
      [{ __name__: 'request_seconds_bucket', le: '0.1' }, 8, undefined],
      [{ __name__: 'request_seconds_bucket', le: '+Inf' }, 9, 1_520_879_607_500],
      [{ __name__: 'request_seconds_count' }, 9, 1_520_879_607_250],
    ])
  })

  it.each([
    ['m 1\n', 'line 1: expected # EOF, found the end'],
    ['m 1\n# EOF\nm 2\n', 'line 3: expected nothing after # EOF'],
    ['m 1 now\n# EOF\n', 'line 1: expected a value and at most a timestamp'],
  ])('%j is a fault', (text, message) => {
    expect(() => read(text, 'openmetrics')).toThrow(message)
  })
})

it('the metadata of metrics are in comments', () => {
  const text = `# a comment
# HELP m What\\n it \\\\ counts.
# TYPE m counter
# UNIT m_seconds seconds
# TYPE old untyped
m 1
`
  expect(Object.fromEntries(metadataOf(readExposition(text, 'text').comments))).toEqual({
    m: { type: 'counter', help: 'What\n it \\ counts.', unit: '' },
    m_seconds: { type: 'unknown', help: '', unit: 'seconds' },
    old: { type: 'unknown', help: '', unit: '' },
  })
})
