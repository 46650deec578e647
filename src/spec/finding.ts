import { currentSession } from '../session/session.ts'

/**
 * Records something worth knowing that fails nothing: it stands in the journal and at the end of the run.
 *
 * @param data anything that JSON can hold
 * @example
 * finding('the counter started again at 0', { before: 41, after: 3 })
 */
export function finding(title: string, data?: unknown): void {
  currentSession().record({ type: 'finding', title, ...(data === undefined ? {} : { data }) })
}
