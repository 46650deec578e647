import { labelOf, metricNameLabel } from '../../labels.ts'
import type { Column, Vector } from '../values.ts'
import type { Window } from '../windows.ts'
import { type Arguments, type FunctionDefinition, type Functions, perWindow, vectorValue } from './definition.ts'

/** Functions of how values change over a range. */
export const rateFunctions: Functions = {
  rate: ofCounter((window) => perSecond(window, extrapolatedChange(window, true))),
  increase: ofCounter((window) => extrapolatedChange(window, true)),
  delta: perWindow((window) => extrapolatedChange(window, false)),
  irate: perWindow((window) => lastChange(window, true)),
  idelta: perWindow((window) => lastChange(window, false)),
  resets: perWindow((window) => dropsIn(window, () => 1)),
  changes: perWindow(changes),
}

/** A counter whose name does not say so may be none. */
function ofCounter(meaning: (window: Window) => number | undefined): FunctionDefinition {
  return {
    parameters: ['matrix'],
    returns: 'vector',
    evaluate: (call) => {
      const columns = call.matrix(0).map(meaning)
      informOfOtherNames(call, columns)
      return vectorValue(columns)
    },
  }
}

function informOfOtherNames(call: Arguments, columns: Vector): void {
  const names = new Set(columns.filter(hasValues).map(({ labels }) => labelOf(labels, metricNameLabel)))
  for (const name of names) {
    if (name === '' || /_(?:total|sum|count|bucket)$/.test(name)) continue
    call.annotations.inform(
      `metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "${name}"`,
      call.expression(0).span,
    )
  }
}

function hasValues({ present }: Column): boolean {
  return present.includes(1)
}

/**
 * How much a series changed over the whole range. It is seen from the first sample to the last; towards the ends of the
 * range it is extrapolated: up to them where the next sample would be about there, by half the mean distance of samples
 * elsewhere, and for a counter never to a time when it would have been negative. (Prometheus 3, `extrapolatedRate`.)
 */
function extrapolatedChange(window: Window, isCounter: boolean): number | undefined {
  const { run, from, to, startMs, endMs } = window
  if (to - from < 2) return undefined
  const { times, values } = run
  const [first, last] = [values[from] ?? 0, values[to - 1] ?? 0]
  const [firstMs, lastMs] = [times[from] ?? 0, times[to - 1] ?? 0]
  let change = last - first
  if (isCounter) change += dropsIn(window, (before) => before)

  const sampledSeconds = (lastMs - firstMs) / 1000
  const meanDistance = sampledSeconds / (to - from - 1)
  const closeEnough = meanDistance * 1.1
  let toStart = (firstMs - startMs) / 1000
  let toEnd = (endMs - lastMs) / 1000
  if (toStart >= closeEnough) toStart = meanDistance / 2
  if (isCounter && change > 0 && first >= 0) toStart = Math.min(toStart, sampledSeconds * (first / change))
  if (toEnd >= closeEnough) toEnd = meanDistance / 2
  return change * ((sampledSeconds + toStart + toEnd) / sampledSeconds)
}

function perSecond({ startMs, endMs }: Window, change: number | undefined): number | undefined {
  return change === undefined ? undefined : change / ((endMs - startMs) / 1000)
}

/** The sum over all drops between samples of the window; `share` gets the value before the drop. */
function dropsIn({ run, from, to }: Window, share: (before: number) => number): number {
  const { drops } = run
  let sum = 0
  for (let i = firstAbove(drops, from); i < drops.length; i++) {
    const at = drops[i] ?? 0
    if (at >= to) break
    sum += share(run.values[at - 1] ?? 0)
  }
  return sum
}

/** The index of the first number of a sorted list that is larger than `bound`. */
function firstAbove(sorted: Int32Array, bound: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] ?? 0) > bound) high = middle
    else low = middle + 1
  }
  return low
}

/** From the last sample but one to the last; of a counter per second, and after a reset from zero. */
function lastChange({ run, from, to }: Window, isCounter: boolean): number | undefined {
  if (to - from < 2) return undefined
  const [before, last] = [run.values[to - 2] ?? 0, run.values[to - 1] ?? 0]
  if (!isCounter) return last - before
  const seconds = ((run.times[to - 1] ?? 0) - (run.times[to - 2] ?? 0)) / 1000
  return (last < before ? last : last - before) / seconds
}

function changes({ run: { values }, from, to }: Window): number {
  let count = 0
  for (let i = from + 1; i < to; i++) {
    const [before, value] = [values[i - 1] ?? 0, values[i] ?? 0]
    if (value !== before && !(Number.isNaN(value) && Number.isNaN(before))) count++
  }
  return count
}
