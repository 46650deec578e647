import { NotSupportedError } from '../errors.ts'
import type { FunctionDefinition, Functions } from './definition.ts'
import { histogramFunctions } from './histograms.ts'
import { labelFunctions } from './labels.ts'
import { mathFunctions } from './math.ts'
import { overTimeFunctions } from './over-time.ts'
import { rateFunctions } from './rates.ts'
import { sortingFunctions } from './sorting.ts'
import { timeFunctions } from './time.ts'
import { trendFunctions } from './trend.ts'
import { vectorFunctions } from './vectors.ts'

const functions: Functions = {
  ...mathFunctions,
  ...timeFunctions,
  ...vectorFunctions,
  ...labelFunctions,
  ...sortingFunctions,
  ...rateFunctions,
  ...overTimeFunctions,
  ...trendFunctions,
  ...histogramFunctions,
}

/** Functions of Prometheus that need what this server does not store. */
const beyond: Readonly<Record<string, string>> = {
  histogram_count: 'a native histogram',
  histogram_sum: 'a native histogram',
  histogram_avg: 'a native histogram',
  histogram_stddev: 'a native histogram',
  histogram_stdvar: 'a native histogram',
  start_timestamp: 'the start timestamp of a sample',
  info: 'joining info metrics',
}

/**
 * The function of a name; undefined when PromQL has none.
 *
 * @throws NotSupportedError when Prometheus has it and this server does not
 */
export function functionNamed(name: string): FunctionDefinition | undefined {
  if (Object.hasOwn(beyond, name)) throw new NotSupportedError(`the function ${name}() (${beyond[name]})`)
  return Object.hasOwn(functions, name) ? functions[name] : undefined
}

export { functions }
