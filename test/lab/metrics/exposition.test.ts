import { describe, expect, it } from 'vitest'
import { exposedSamples, seriesLabels } from '../../../src/lab/metrics/exposition.ts'

function read(text: string) {
  return exposedSamples(text).map(({ series, value }) => [seriesLabels(series), value])
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
    ['m 3 1395066363000', { __name__: 'm' }, 3],
    ['m{} 1', { __name__: 'm' }, 1],
    ['m {a="b"}1', { __name__: 'm', a: 'b' }, 1],
    ['m{ a = "b" , c="d", } 1', { __name__: 'm', a: 'b', c: 'd' }, 1],
    ['m{a="} 1 {,="} 2', { __name__: 'm', a: '} 1 {,=' }, 2],
    ['m{a="\\"quoted\\" \\\\ \\n end"} 1', { __name__: 'm', a: '"quoted" \\ \n end' }, 1],
    ['m{a="\\d"} 1', { __name__: 'm', a: '\\d' }, 1],
    ['m{a="ü"} 1', { __name__: 'm', a: 'ü' }, 1],
  ])('%s', (line, labels, value) => {
    expect(read(`# HELP m Help.\n# TYPE m counter\n\n${line}\n`)).toEqual([[labels, value]])
  })

  it.each([
    ['m', 'line 2: expected a value, found the end of the line'],
    ['m one', 'line 2: expected a value, found "one"'],
    ['m 0x10', 'line 2: expected a value'],
    ['m 1 2 3', 'line 2: expected a value and at most a timestamp'],
    ['9m 1', 'line 2: expected the name of a metric, found "9m 1"'],
    ['{a="b"} 1', 'line 2: expected the name of a metric'],
    ['<html>', 'line 2: expected the name of a metric'],
    ['m{a="b" 1', 'line 2: expected a value, found the end of the line'],
  ])('%s is a fault', (line, message) => {
    expect(() => exposedSamples(`ok 1\n${line}\n`)).toThrow(message)
  })

  it.each([
    ['m{a=b}', 'expected a label, found "a=b}"'],
    ['m{a="b"; c="d"}', 'expected a label'],
    ['m{1="b"}', 'expected a label'],
    ['m{a="b",a="c"}', 'the label a is there twice'],
  ])('%s has faulty labels', (series, message) => {
    expect(() => seriesLabels(series)).toThrow(message)
  })
})
