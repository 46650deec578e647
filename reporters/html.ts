import { messageOf } from '../src/support/errors.ts'
import { writeReport } from './html/write.ts'

/** Writes the report of a run when it has ended. */
export class HtmlReporter {
  onEvent(): void {}

  /** A report that cannot be written changes no verdict: `chaos-test report` makes it again. */
  onEnd(runFolder: string): void {
    tryToReport(runFolder)
  }
}

/** Writes the report of a run, or says on stderr why it could not. */
export function tryToReport(runFolder: string): void {
  try {
    writeReport(runFolder)
  } catch (error) {
    process.stderr.write(`The report of ${runFolder} could not be written: ${messageOf(error)}\n`)
  }
}
