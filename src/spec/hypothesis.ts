import { type TestContext, TestRunner } from 'vitest'
import { usageError } from '../support/errors.ts'
import { type Duration, toMilliseconds } from '../support/quantities.ts'
import { experiment, type HypothesisBody, type HypothesisContext } from './experiment.ts'
import { currentSpecFile } from './running.ts'

/** What may be said of a hypothesis beside its title and its body. */
export interface HypothesisOptions {
  /** How long the method may take; the steady-state checks and the rollback have limits of their own. @default '5m' */
  timeout?: Duration
  /** Not played. @default false */
  skip?: boolean
  /** The others of the file are not played. @default false */
  only?: boolean
  /** Still to be written: listed, and not played. @default false */
  todo?: boolean
  /** For `--tags-filter`. */
  tags?: string | string[]
}

export interface HypothesisCall {
  (title: string, body: HypothesisBody): void
  (title: string, options: HypothesisOptions, body: HypothesisBody): void
}

/** What `test` of Vitest has, for a hypothesis. */
export interface HypothesisFunction extends HypothesisCall {
  only: HypothesisCall
  skip: HypothesisCall
  todo(title: string): void
  skipIf(condition: unknown): HypothesisCall
  runIf(condition: unknown): HypothesisCall
  /** One hypothesis for each case; `%s`, `%#` and `$key` in the title stand for the case. */
  each<Case>(cases: readonly Case[]): HypothesisEach<Case extends readonly unknown[] ? Case : [Case]>
  for<Case>(cases: readonly Case[]): HypothesisEach<[Case, HypothesisContext]>
}

export interface HypothesisEach<Arguments extends readonly unknown[]> {
  (title: string, body: (...args: Arguments) => unknown): void
  (title: string, options: HypothesisOptions, body: (...args: Arguments) => unknown): void
}

export interface Hypothesis extends HypothesisFunction {
  /**
   * Documents a known weakness: it passes when the hypothesis deviates, and fails when it holds. Every other verdict
   * passes through.
   */
  deviates: HypothesisFunction
}

/**
 * States what stays true while the body acts on the target: one experiment, one journal, one trace. Hypotheses run one
 * after the other.
 *
 * @example
 * hypothesis('a new version of service2 is transparent to our users', async () => {
 *   const observed = await users.during(() => service2.setImage('service2', 'counter/service2:v2'))
 *   expect(observed).toHaveNoErrors()
 * })
 */
export const hypothesis: Hypothesis = Object.assign(collector('held'), { deviates: collector('deviated') })

/** What Vitest's chain (`only`, `skip`, `each` …) has set when the collector is called. */
interface Chained {
  concurrent?: boolean
  fails?: boolean
}

/** Vitest's own collector, whose tests are experiments. Vitest's time limit is off: an experiment keeps its own. */
function collector(expected: 'held' | 'deviated'): HypothesisFunction {
  return TestRunner.createTaskCollector(function (this: Chained, title: string, ...rest: unknown[]) {
    const { options, body } = parse(title, rest)
    if (this.concurrent || this.fails) {
      throw usageError(
        'CHAOS_HYPOTHESIS_CHAIN',
        `The hypothesis "${title}" cannot be ${this.concurrent ? 'concurrent: experiments own their target' : '"fails": write hypothesis.deviates for a known weakness'}.`,
      )
    }
    const { timeout, ...others } = options
    const timeoutMs = timeout === undefined ? undefined : toMilliseconds(timeout)
    const handler = async ({ task, annotate }: TestContext) => {
      const file = currentSpecFile('hypothesis()')
      const limitMs = timeoutMs ?? file.context.timeouts.hypothesisMs
      const plan = {
        ...{ id: task.id, title: task.fullTestName, expected, timeoutMs: limitMs, body: body as HypothesisBody },
        ...(task.location ? { line: task.location.line } : {}),
      }
      try {
        await file.run(experiment(file, plan))
      } finally {
        // Nobody hears them any more once Vitest has given up on the hypothesis.
        for (const { name, value } of file.propertiesOf(task.id).all) await annotate(value, name).catch(() => undefined)
      }
    }
    const { retry, repeats } = TestRunner.getCurrentSuite().task(title, {
      ...this,
      ...others,
      concurrent: false,
      timeout: 0,
      ...(body ? { handler } : {}),
    })
    if (retry || repeats) throw noSecondTry(title)
  }) as unknown as HypothesisFunction
}

/** An experiment that is repeated until it holds says nothing: one that holds sometimes does not hold. */
function noSecondTry(title: string): Error {
  return usageError(
    'CHAOS_HYPOTHESIS_RETRY',
    `The hypothesis "${title}" cannot have "retry" or "repeats", neither of its own nor from a describe() around it: a hypothesis that holds only sometimes does not hold. Write hypothesis.for(cases) to play several.`,
  )
}

const knownOptions = ['timeout', 'skip', 'only', 'todo', 'tags']

function parse(title: string, rest: unknown[]): { options: HypothesisOptions; body?: HypothesisBody } {
  const [first, second] = typeof rest[0] === 'function' ? [{}, rest[0]] : rest
  const options = (first ?? {}) as HypothesisOptions
  if ('retry' in options || 'repeats' in options) throw noSecondTry(title)
  const unknown = Object.keys(options).filter((key) => !knownOptions.includes(key))
  if (unknown.length > 0) {
    throw usageError(
      'CHAOS_HYPOTHESIS_OPTION',
      `The hypothesis "${title}" has options that do not exist: ${unknown.join(', ')}. There are: ${knownOptions.join(', ')}.`,
    )
  }
  return { options, ...(typeof second === 'function' ? { body: second as HypothesisBody } : {}) }
}
