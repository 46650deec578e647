import type { Grid } from '../grid.ts'
import { constant, mapValues, type Value, type Vector, vectorOfScalar } from '../values.ts'
import { type Arguments, type FunctionDefinition, type Functions, vectorValue } from './definition.ts'

const millisecondsPerDay = 86_400_000

/** Functions of the time: of that of the evaluation, of the query, of samples, and of values that are times. */
export const timeFunctions: Functions = {
  time: { ...scalarOfGrid(({ grid }) => timesOf(grid)), dependsOnTime: true },
  start: { ...scalarOfGrid(({ grid, query }) => constant(query.startMs / 1000, grid)), dependsOnTime: true },
  end: { ...scalarOfGrid(({ grid, query }) => constant(query.endMs / 1000, grid)), dependsOnTime: true },
  range: {
    ...scalarOfGrid(({ grid, query }) => constant((query.endMs - query.startMs) / 1000, grid)),
    dependsOnTime: true,
  },
  step: {
    ...scalarOfGrid(({ grid, query }) => constant(query.endMs > query.startMs ? query.stepMs / 1000 : 0, grid)),
    dependsOnTime: true,
  },
  timestamp: {
    parameters: ['vector'],
    returns: 'vector',
    dependsOnTime: true,
    evaluate: (call) => vectorValue(timestamps(call)),
  },
  year: ofDate((date) => date.getUTCFullYear()),
  month: ofDate((date) => date.getUTCMonth() + 1),
  day_of_month: ofDate((date) => date.getUTCDate()),
  day_of_week: ofDate((date) => date.getUTCDay()),
  day_of_year: ofDate((date) => (startOfDay(date) - Date.UTC(date.getUTCFullYear(), 0, 1)) / millisecondsPerDay + 1),
  days_in_month: ofDate((date) => new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate()),
  hour: ofDate((date) => date.getUTCHours()),
  minute: ofDate((date) => date.getUTCMinutes()),
}

function scalarOfGrid(meaning: (call: Arguments) => Float64Array): FunctionDefinition {
  return {
    parameters: [],
    returns: 'scalar',
    evaluate: (call): Value => ({ type: 'scalar', values: meaning(call) }),
  }
}

function timesOf(grid: Grid): Float64Array {
  return Float64Array.from({ length: grid.count }, (_, step) => grid.timeAt(step) / 1000)
}

/** Of a selector: the times of its samples. What is calculated is of the time of its evaluation. */
function timestamps(call: Arguments): Vector {
  const times = timesOf(call.grid)
  const ofSamples = call.sampleTimes(0)
  return mapValues(ofSamples ?? call.vector(0), (value, step) => (ofSamples ? value : (times[step] ?? Number.NaN)))
}

/** A part of the date in UTC of values that are seconds since the epoch; without an argument: of the evaluation. */
function ofDate(part: (date: Date) => number): FunctionDefinition {
  return {
    parameters: ['vector'],
    required: 0,
    returns: 'vector',
    dependsOnTime: true,
    evaluate: (call) => {
      const partOf = (seconds: number) => part(new Date(Math.trunc(seconds) * 1000))
      const times = call.count > 0 ? call.vector(0) : vectorOfScalar(timesOf(call.grid))
      const parts = mapValues(times, partOf)
      return vectorValue(call.count > 0 ? parts : parts.map((column) => ({ ...column, dropName: false })))
    },
  }
}

function startOfDay(date: Date): number {
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate())
}
