import { stripVTControlCharacters } from 'node:util'
import type { Reporter, RunnerTask, TestCase, TestModule, TestSuite } from 'vitest/node'
import { type RedactOptions, redactText } from '../journal/redact.ts'

type ConsoleLog = Parameters<NonNullable<Reporter['onUserConsoleLog']>>[0]

/** What all reporters are told of, in a form that can be changed. It is a part of Vitest that is not public. */
function taskOf(entity: TestCase | TestSuite | TestModule): RunnerTask {
  return (entity as unknown as { task: RunnerTask }).task
}

/**
 * Takes secrets out of what Vitest tells its reporters. It must be the first of them: they are told one after the other,
 * of the same objects, so all others see them as they are left here.
 */
export class RedactingReporter implements Reporter {
  readonly #options: RedactOptions
  readonly #onConsole: (text: string) => void

  /** @param onConsole gets what specs write to their console, redacted */
  constructor(options: RedactOptions, onConsole: (text: string) => void) {
    this.#options = options
    this.#onConsole = onConsole
  }

  onUserConsoleLog(log: ConsoleLog): void {
    log.content = this.#shown(log.content)
    this.#onConsole(log.content)
  }

  onTestModuleCollected(module: TestModule): void {
    this.#redactNames(taskOf(module))
  }

  onTestCaseAnnotate(_test: TestCase, annotation: { message: string }): void {
    annotation.message = this.#shown(annotation.message)
  }

  onTestCaseResult(test: TestCase): void {
    this.#redactErrors(taskOf(test))
  }

  onTestSuiteResult(suite: TestSuite): void {
    this.#redactErrors(taskOf(suite))
  }

  onTestModuleEnd(module: TestModule): void {
    this.#redactErrors(taskOf(module))
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    for (const error of unhandledErrors) this.#redactTexts(error)
    for (const module of modules) this.#redactAll(taskOf(module))
  }

  /** What no other event told: a file that broke while it was collected, or whose worker died. */
  #redactAll(task: RunnerTask): void {
    this.#redactErrors(task)
    if (task.type === 'suite') for (const child of task.tasks) this.#redactAll(child)
  }

  #redactErrors({ result }: RunnerTask): void {
    for (const error of result?.errors ?? []) this.#redactTexts(error)
  }

  #redactNames(task: RunnerTask): void {
    const names = task as unknown as Record<string, unknown>
    for (const key of ['name', 'fullName', 'fullTestName']) {
      const name = names[key]
      if (typeof name === 'string') names[key] = this.#shown(name)
    }
    if (task.type === 'suite') for (const child of task.tasks) this.#redactNames(child)
  }

  /** Every text in an error, in place: its message, its stack, the diff, its causes. */
  #redactTexts(value: unknown, seen = new Set<unknown>()): void {
    if (typeof value !== 'object' || value === null || seen.has(value)) return
    seen.add(value)
    const members = value as Record<string, unknown>
    for (const key of Object.getOwnPropertyNames(members)) {
      const member = members[key]
      if (typeof member !== 'string') this.#redactTexts(member, seen)
      else if (this.#shown(member) !== member) members[key] = this.#shown(member)
    }
  }

  /** A text with colours may have them inside a secret: then they are given up. */
  #shown(text: string): string {
    const shown = redactText(text, this.#options)
    const plain = stripVTControlCharacters(text)
    const plainShown = redactText(plain, this.#options)
    return plainShown !== plain && stripVTControlCharacters(shown) !== plainShown ? plainShown : shown
  }
}
