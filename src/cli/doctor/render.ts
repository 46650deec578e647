import chalk from 'chalk'
import type { Check, CheckStatus } from './check.ts'

const marks: Record<CheckStatus, string> = {
  ok: chalk.green('✓'),
  note: chalk.yellow('!'),
  failed: chalk.red('✗'),
  skipped: chalk.dim('·'),
}

/** The checks in a column each, for people. */
export function renderChecks(checks: readonly Check[]): string {
  const width = Math.max(...checks.map(({ name }) => name.length))
  return checks
    .flatMap(({ name, status, found, code }) => {
      const [first = '', ...others] = found.split('\n')
      const suffix = code === undefined ? '' : ` ${chalk.dim(`[${code}]`)}`
      const lines = [
        `${marks[status]} ${name.padEnd(width)}  ${first}`,
        ...others.map((line) => `${' '.repeat(width + 4)}${line}`),
      ]
      return lines.with(-1, `${lines.at(-1)}${suffix}`)
    })
    .join('\n')
}
