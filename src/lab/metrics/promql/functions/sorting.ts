import { compareLabels, labelOf } from '../../labels.ts'
import { type Column, type Vector, valueAt } from '../values.ts'
import { type Arguments, type FunctionDefinition, type Functions, vectorValue } from './definition.ts'

/** Functions of the order of a vector. They mean something for one time only: the result of a range has its own order. */
export const sortingFunctions: Functions = {
  sort: sorting(['vector'], () => (a, b) => byValue(valueAt(a, 0), valueAt(b, 0))),
  sort_desc: sorting(['vector'], () => (a, b) => byValueDescending(valueAt(a, 0), valueAt(b, 0))),
  sort_by_label: byLabels((order) => order),
  sort_by_label_desc: byLabels((order) => -order),
}

type Order = (a: Column, b: Column) => number

function sorting(
  parameters: FunctionDefinition['parameters'],
  orderOf: (call: Arguments) => Order,
): FunctionDefinition {
  return {
    parameters,
    returns: 'vector',
    evaluate: (call) => vectorValue(sorted(call, orderOf(call))),
  }
}

function byLabels(direction: (order: number) => number): FunctionDefinition {
  const definition = sorting(['vector', 'string'], (call) => {
    const names = Array.from({ length: call.count - 1 }, (_, i) => call.string(i + 1))
    return (a, b) => direction(compareByLabels(names, a, b))
  })
  return { ...definition, required: 1, variadic: true }
}

function sorted(call: Arguments, order: Order): Vector {
  if (call.query.endMs > call.query.startMs) {
    call.annotations.warn('sort is ineffective for range queries since results are always ordered by labels', call.span)
  }
  const columns = call.vector(0)
  return call.grid.count > 1 ? columns : columns.filter(({ present }) => present[0] === 1).toSorted(order)
}

/** NaN comes last, in both directions. */
function byValue(a: number, b: number): number {
  return nanLast(a, b) ?? a - b
}

function byValueDescending(a: number, b: number): number {
  return nanLast(a, b) ?? b - a
}

function nanLast(a: number, b: number): number | undefined {
  if (!Number.isNaN(a) && !Number.isNaN(b)) return undefined
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b))
}

function compareByLabels(names: readonly string[], a: Column, b: Column): number {
  for (const name of names) {
    const order = natural(labelOf(a.labels, name), labelOf(b.labels, name))
    if (order !== 0) return order
  }
  return compareLabels(a.labels, b.labels)
}

/** As people sort: `node2` comes before `node10`. */
function natural(a: string, b: string): number {
  const [first, second] = [piecesOf(a), piecesOf(b)]
  for (const [i, piece] of first.entries()) {
    const other = second[i]
    if (other === undefined) return 1
    if (piece === other) continue
    const difference = /^\d/.test(piece) && /^\d/.test(other) ? Number(piece) - Number(other) : 0
    if (difference !== 0) return difference
    return piece < other ? -1 : 1
  }
  return first.length - second.length
}

function piecesOf(text: string): string[] {
  return text.match(/\d+|\D+/g) ?? []
}
