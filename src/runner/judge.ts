import type { TestCase, TestModule } from 'vitest/node'
import { unfinished } from '../journal/conclude.ts'
import type { EventBody } from '../journal/events.ts'
import { hypothesesOf as playedHypotheses, type RunState } from '../journal/state.ts'
import { type ErrorCode, messageOf, type Verdict } from '../support/errors.ts'
import type { FailedUndo } from '../undo/rollback.ts'
import { hypothesesOf } from './vitest.ts'

/** What the judge needs to know of a run. */
export interface Case {
  state(): RunState
  interrupted(): boolean
  record(event: EventBody, place: { file: string; hypothesis: string }): void
  notice(message: string): void
}

/** Says of hypotheses what they came to, where they could not say it themselves: nothing is passed over as green. */
export class Judge {
  readonly #case: Case

  constructor(run: Case) {
    this.#case = run
  }

  /**
   * Those of a file that were under way when its worker died.
   *
   * @param unsettled what was undone in its place, but did not settle: nobody else can tell, since the functions of the
   *   steady state have died with the worker
   * @returns the reason, in words
   */
  workerDied(file: string, unsettled: readonly FailedUndo[]): string {
    const titles = unsettled.map(({ intent, error }) => `${intent.title} (${messageOf(error)})`).join('; ')
    const recovery = unsettled.length > 0 ? `, but did not settle: ${titles}` : ' and has settled'
    const reason = `The worker process of this spec file died. What it owed was undone${recovery}. The steady state could not be checked: its functions died with the worker.`
    for (const { id } of unfinished(this.#case.state()).filter((each) => each.file === file)) {
      this.#fail(file, id, 'CHAOS_WORKER_DIED', reason, unsettled.length > 0 ? 'not-restored' : 'failed')
    }
    return reason
  }

  /**
   * Those that a broken hook kept from being played, and those that a broken hook broke after they had held.
   *
   * @param collected the hypotheses of the file as they were collected, for a worker that died before it could say
   * @returns the verdicts of what belongs to no hypothesis
   */
  judgeModule(module: TestModule, file: string, collected: readonly TestCase[]): Verdict[] {
    const played = new Map(playedHypotheses(this.#case.state()).map((each) => [each.id, each]))
    const [broken] = module.errors()
    const known = hypothesesOf(module)
    for (const test of known.length > 0 ? known : collected) {
      const outcome = played.get(test.id)?.outcome
      if (!played.has(test.id)) this.#judgeUnplayed(test, file, broken ?? test.result().errors?.[0])
      else if (test.result().state === 'failed' && outcome?.verdict === 'held') {
        this.#fail(file, test.id, 'CHAOS_HOOK_FAILED', `It held, but a hook around it failed: ${errorOf(test)}`)
      } else if (!outcome)
        this.#fail(file, test.id, 'CHAOS_NO_VERDICT', `Its end was not written down: ${errorOf(test)}`)
    }
    return broken ? [this.#case.interrupted() ? 'interrupted' : 'failed'] : []
  }

  /** An error that Vitest could give to no test. */
  unhandled(error: unknown): Verdict {
    this.#case.notice(`An error that nothing handled: ${messageIn(error)}`)
    return this.#case.interrupted() ? 'interrupted' : 'failed'
  }

  #judgeUnplayed(test: TestCase, file: string, broken: unknown): void {
    if (!broken && !this.#case.interrupted()) return
    const place = { file, hypothesis: test.id }
    const line = test.location ? { line: test.location.line } : {}
    this.#case.record(
      { type: 'hypothesis-started', title: test.fullName, expected: 'held', traceId: '', ...line },
      place,
    )
    this.#fail(file, test.id, 'CHAOS_HOOK_FAILED', `A hook failed before it: ${messageIn(broken)}`)
  }

  #fail(file: string, hypothesis: string, code: ErrorCode, reason: string, verdict: Verdict = 'failed'): void {
    const ended = this.#case.interrupted()
      ? { verdict: 'interrupted' as const, code: 'CHAOS_INTERRUPTED', reason: 'The run was interrupted.' }
      : { verdict, code, reason }
    this.#case.record({ type: 'hypothesis-ended', deviated: false, ...ended }, { file, hypothesis })
  }
}

function errorOf(test: TestCase): string {
  return messageIn(test.result().errors?.[0])
}

/** The message of an error, also of one that crossed a process as a plain object. */
function messageIn(error: unknown): string {
  const hasMessage = typeof error === 'object' && error !== null && 'message' in error
  return hasMessage ? String(error.message) : messageOf(error)
}
