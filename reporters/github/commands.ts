import { hypothesesOf, isOwed, lineToLookAt, type RunState } from '../../src/journal/state.ts'
import { viewOfHypothesis } from '../terminal/verdicts.ts'

interface Annotation {
  level: 'error' | 'notice' | 'warning'
  title: string
  message: string
  file?: string
  line?: number
}

/**
 * What GitHub shows on the lines of the specs, as workflow commands: each hypothesis that did not hold, each known
 * weakness, and whatever is still owed.
 *
 * @param pathOf the path of a spec file in the repository
 * @see https://docs.github.com/actions/reference/workflow-commands-for-github-actions
 */
export function annotations(state: RunState, pathOf: (file: string) => string): string[] {
  const owed = state.files.flatMap(({ path, actions }) =>
    actions.filter(isOwed).map(
      ({ undo }): Annotation => ({
        ...{ level: 'error', title: 'chaos-test: not restored', message: `Still owed: ${undo?.title}` },
        file: pathOf(path),
      }),
    ),
  )
  const hypotheses = hypothesesOf(state).flatMap((hypothesis): Annotation[] => {
    const { title, file, outcome } = hypothesis
    const line = lineToLookAt(hypothesis)
    if (outcome?.verdict === 'held' && !outcome.deviated) return []
    const { name } = viewOfHypothesis(hypothesis)
    const reason = outcome?.reason ?? 'Its end was never recorded.'
    return [
      {
        level: outcome?.verdict === 'held' ? 'notice' : 'error',
        title: `chaos-test: ${name}`,
        message: `${title}\n${reason}`,
        file: pathOf(file),
        ...(line === undefined ? {} : { line }),
      },
    ]
  })
  return [...hypotheses, ...owed].map(commandOf)
}

function commandOf({ level, message, ...properties }: Annotation): string {
  const list = Object.entries(properties).map(([name, value]) => `${name}=${propertyValue(String(value))}`)
  return `::${level} ${list.join(',')}::${data(message)}`
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function propertyValue(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
