/** The colour (of the style sheet) that an outcome of a request has in all charts. */
export function colourOfOutcome(outcome: string): string {
  if (outcome === '2xx' || outcome === '3xx') return 'answered'
  if (outcome === '5xx') return 'failed-5xx'
  if (outcome === '4xx') return 'failed-4xx'
  if (outcome === 'dropped') return 'dropped'
  return outcome.startsWith('timeout') ? 'failed-timeout' : 'failed-other'
}

export function isSuccess(outcome: string): boolean {
  return outcome === '2xx' || outcome === '3xx'
}

const names: Record<string, string> = {
  '2xx': 'answered',
  '3xx': 'redirected',
  dropped: 'not sent in time',
  'timeout-connect': 'no connection in time',
  'timeout-wait': 'no answer in time',
  'timeout-read': 'no whole answer in time',
  reset: 'connection lost',
  refused: 'connection refused',
}

export function nameOfOutcome(outcome: string): string {
  return names[outcome] ?? outcome
}

/** Successes first, then failures by name: the order in which they are stacked. */
export function inOutcomeOrder(outcomes: Iterable<string>): string[] {
  return [...new Set(outcomes)].sort((a, b) => Number(isSuccess(b)) - Number(isSuccess(a)) || a.localeCompare(b))
}
