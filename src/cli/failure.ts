import { chalkStderr } from 'chalk'
import { redactText } from '../journal/redact.ts'
import { redactionBy, secretsInEnvironment } from '../journal/redaction.ts'
import { exitCode } from '../journal/verdict.ts'
import { isChaosError } from '../support/errors.ts'

/** What a failed command prints and exits with. A stack trace is for bugs: an error of ours has something to say. */
export function formatFailure(error: unknown): { text: string; exitCode: number } {
  if (isChaosError(error)) {
    const text = `${chalkStderr.red('✗')} ${shown(error.message)} ${chalkStderr.dim(`[${error.code}]`)}`
    return { text, exitCode: exitCode(error.verdict) }
  }
  const text = shown(error instanceof Error ? (error.stack ?? error.message) : String(error))
  return {
    text: `${chalkStderr.red('✗')} chaos-test has a bug: ${text} ${chalkStderr.dim('[CHAOS_BUG]')}`,
    exitCode: exitCode('failed'),
  }
}

/** Whatever broke, it does not show what the environment keeps secret. */
function shown(text: string): string {
  return redactText(text, redactionBy({ secrets: secretsInEnvironment(process.env), patterns: [] }))
}
