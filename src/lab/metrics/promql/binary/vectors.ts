import {
  keyOf,
  type Labels,
  labelOf,
  labelsText,
  onlyLabels,
  withLabel,
  withoutLabels,
  withoutMetadata,
} from '../../labels.ts'
import { type Arithmetic, arithmetic, comparison } from '../arithmetic.ts'
import { type Binary, isComparison, isSetOperator, type Matching } from '../ast.ts'
import { EvaluationError } from '../errors.ts'
import type { Grid } from '../grid.ts'
import { type Column, emptyColumn, isPresent, setValue, type Vector, valueAt } from '../values.ts'
import { bySignature, matchedBy } from './signature.ts'

/**
 * An operator between the elements of two vectors that have the same labels, as far as they are matched.
 *
 * @throws EvaluationError when several elements could be meant
 */
export function ofVectors(binary: Binary, left: Vector, right: Vector, grid: Grid): Vector {
  const { cardinality } = binary.matching
  const [many, one] = cardinality === 'many-right' ? [right, left] : [left, right]
  const inBoth = stepsInBoth(many, one, grid)
  const ones = bySignature(one, binary.matching)
  const manies = bySignature(many, binary.matching)
  const results: Column[] = []
  for (const [signature, oneColumns] of ones) {
    const group = new MatchGroup(binary, manies.get(signature) ?? [], oneColumns, grid)
    for (let step = 0; step < grid.count; step++) {
      if (inBoth[step]) group.evaluate(step)
    }
    results.push(...group.results)
  }
  return results
}

/** At a step where one of the vectors is empty nothing matches, and nothing is wrong. */
function stepsInBoth(many: Vector, one: Vector, { count }: Grid): Uint8Array {
  const first = presence(many, count)
  const second = presence(one, count)
  return first.map((there, step) => there & (second[step] ?? 0))
}

function presence(vector: Vector, count: number): Uint8Array {
  const present = new Uint8Array(count)
  for (const column of vector) {
    for (let step = 0; step < count; step++) present[step] = (present[step] ?? 0) | (column.present[step] ?? 0)
  }
  return present
}

interface Operation {
  readonly value: Arithmetic
  readonly keeps: (left: number, right: number) => boolean
}

function operationOf({ operator, returnBool }: Binary): Operation {
  if (isSetOperator(operator)) throw new TypeError(`${operator} is no operator of values`)
  if (!isComparison(operator)) return { value: arithmetic[operator], keeps: () => true }
  const holds = comparison[operator]
  if (returnBool) return { value: (left, right) => Number(holds(left, right)), keeps: () => true }
  return { value: (left) => left, keeps: holds }
}

/** A series of the result, and at which steps something matched for it, kept or not. */
interface Result {
  readonly column: Column
  readonly matched: Uint8Array
}

/** The elements of both sides that belong together: at a step, at most one of the side of the one. */
class MatchGroup {
  readonly #binary: Binary
  readonly #many: readonly Column[]
  readonly #one: readonly Column[]
  readonly #count: number
  readonly #operation: Operation
  readonly #byKey = new Map<string, Result>()
  readonly #byPair = new Map<Column, Map<Column, Result>>()

  constructor(binary: Binary, many: readonly Column[], one: readonly Column[], grid: Grid) {
    this.#binary = binary
    this.#many = many
    this.#one = one
    this.#count = grid.count
    this.#operation = operationOf(binary)
  }

  get results(): Column[] {
    return [...this.#byKey.values()].map(({ column }) => column)
  }

  /** @throws EvaluationError when the elements of a step match in several ways */
  evaluate(step: number): void {
    const one = this.#onlyOne(step)
    if (!one) return
    const { cardinality } = this.#binary.matching
    let matches = 0
    for (const many of this.#many) {
      if (!isPresent(many, step)) continue
      if (cardinality === 'one-to-one' && ++matches > 1) {
        throw new EvaluationError(
          'multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)',
        )
      }
      const { column, matched } = this.#resultOf(many, one)
      if (matched[step]) {
        throw new EvaluationError('multiple matches for labels: grouping labels must ensure unique matches')
      }
      matched[step] = 1
      const [manyValue, oneValue] = [valueAt(many, step), valueAt(one, step)]
      const [left, right] = cardinality === 'many-right' ? [oneValue, manyValue] : [manyValue, oneValue]
      if (this.#operation.keeps(left, right)) setValue(column, step, this.#operation.value(left, right))
    }
  }

  #onlyOne(step: number): Column | undefined {
    let found: Column | undefined
    for (const column of this.#one) {
      if (!isPresent(column, step)) continue
      if (found) throw this.#duplicate(found, column)
      found = column
    }
    return found
  }

  #duplicate(first: Column, second: Column): EvaluationError {
    const { matching } = this.#binary
    const side = matching.cardinality === 'many-right' ? 'left' : 'right'
    const series = [first, second].map(({ labels }) => labelsText(labels)).sort()
    return new EvaluationError(
      `found duplicate series for the match group ${labelsText(matchedBy(matching).labels(first.labels))} on the ${side} hand-side of the operation: [${series.join(', ')}];many-to-many matching not allowed: matching labels must be unique on one side`,
    )
  }

  #resultOf(many: Column, one: Column): Result {
    const known = this.#byPair.get(many)?.get(one)
    if (known) return known
    const { operator, returnBool, matching } = this.#binary
    const keepsName = isComparison(operator)
    const labels = resultLabels(many.labels, one.labels, matching, keepsName)
    const key = keyOf(labels)
    const result = this.#byKey.get(key) ?? {
      column: emptyColumn(labels, returnBool || many.dropName, this.#count),
      matched: new Uint8Array(this.#count),
    }
    this.#byKey.set(key, result)
    this.#byPair.set(many, (this.#byPair.get(many) ?? new Map<Column, Result>()).set(one, result))
    return result
  }
}

/** The labels of the side of the many, with those that were asked for from the side of the one. */
function resultLabels(many: Labels, one: Labels, matching: Matching, keepsName: boolean): Labels {
  const { cardinality, on, labels: names, include } = matching
  let labels = keepsName ? many : withoutMetadata(many)
  if (cardinality === 'one-to-one') labels = on ? onlyLabels(labels, names) : withoutLabels(labels, names)
  for (const name of include) labels = withLabel(labels, name, labelOf(one, name))
  return labels
}
