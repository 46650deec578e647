import type { AggregationOperator } from '../ast.ts'
import { KahanSum, Mean, quantile } from '../numbers.ts'
import { type Column, emptyColumn, isPresent, setValue, type Vector, valueAt } from '../values.ts'
import type { Group } from './groups.ts'

/** Gathers the values of a group at one step. */
interface Accumulator {
  add(value: number): void
  readonly value: number
}

export type FoldOperator = Exclude<AggregationOperator, 'topk' | 'bottomk' | 'limitk' | 'limit_ratio' | 'count_values'>

/**
 * One value of all values of a group, at each step.
 *
 * @param phis the quantile that is asked for at each step
 */
export function fold(
  groups: readonly Group[],
  operator: FoldOperator,
  phis: Float64Array | undefined,
  count: number,
): Vector {
  return groups.map(({ labels, columns }) => {
    const dropName = columns.some((column) => column.dropName)
    const result = emptyColumn(labels, dropName, count)
    for (const [step, accumulator] of accumulated(columns, operator, phis, count).entries()) {
      if (accumulator) setValue(result, step, accumulator.value)
    }
    return result
  })
}

/** What was gathered at each step; undefined where there was nothing. */
function accumulated(
  columns: readonly Column[],
  operator: FoldOperator,
  phis: Float64Array | undefined,
  count: number,
): (Accumulator | undefined)[] {
  const accumulators = Array.from<undefined, Accumulator | undefined>({ length: count }, () => undefined)
  for (const column of columns) {
    for (let step = 0; step < count; step++) {
      if (!isPresent(column, step)) continue
      const accumulator = accumulators[step] ?? accumulatorOf(operator, phis?.[step] ?? Number.NaN)
      accumulators[step] = accumulator
      accumulator.add(valueAt(column, step))
    }
  }
  return accumulators
}

function accumulatorOf(operator: FoldOperator, phi: number): Accumulator {
  switch (operator) {
    case 'sum':
      return new KahanSum()
    case 'avg':
      return new Mean()
    case 'count':
      return new Count()
    case 'group':
      return { add: () => {}, value: 1 }
    case 'min':
      return new Extremum((value, than) => value < than)
    case 'max':
      return new Extremum((value, than) => value > than)
    case 'stdvar':
      return new Variance((variance) => variance)
    case 'stddev':
      return new Variance(Math.sqrt)
    case 'quantile':
      return new Quantile(phi)
  }
}

class Count implements Accumulator {
  value = 0

  add(): void {
    this.value++
  }
}

/** NaN only where there is nothing else. */
class Extremum implements Accumulator {
  readonly #isBetter: (value: number, than: number) => boolean
  value = Number.NaN

  constructor(isBetter: (value: number, than: number) => boolean) {
    this.#isBetter = isBetter
  }

  add(value: number): void {
    if (Number.isNaN(this.value) || this.#isBetter(value, this.value)) this.value = value
  }
}

/** Welford's algorithm. */
class Variance implements Accumulator {
  readonly #result: (variance: number) => number
  #count = 0
  #mean = 0
  #squares = 0

  constructor(result: (variance: number) => number) {
    this.#result = result
  }

  add(value: number): void {
    this.#count++
    const delta = value - this.#mean
    this.#mean += delta / this.#count
    this.#squares += delta * (value - this.#mean)
  }

  get value(): number {
    return this.#result(this.#squares / this.#count)
  }
}

class Quantile implements Accumulator {
  readonly #phi: number
  readonly #values: number[] = []

  constructor(phi: number) {
    this.#phi = phi
  }

  add(value: number): void {
    this.#values.push(value)
  }

  get value(): number {
    return quantile(this.#phi, this.#values)
  }
}
