import { hostname, platform, release } from 'node:os'
import type { RunStarted } from '../journal/events.ts'
import type { RunRequest } from './run.ts'

/** What a run says of itself at its start: what is played, by what, and where. */
export function runStarted(run: string, { version, arguments: args, mode, config }: RunRequest): RunStarted {
  const { link } = config.traces
  return {
    type: 'run-started',
    run,
    version,
    node: process.version,
    platform: `${platform()} ${release()}`,
    host: hostname(),
    arguments: [...args],
    mode,
    ...(link === undefined ? {} : { traceLink: link }),
  }
}
