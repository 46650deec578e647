import type { HypothesisView } from '../../view.ts'
import type { TimeAxis } from '../axis.ts'

/** Something that was done, on the time axis. */
export interface Mark {
  at: number
  kind: 'action' | 'undo'
  label: string
}

export function marksOf({ actions }: HypothesisView, { zero }: TimeAxis): Mark[] {
  const done = actions.map(({ from, title }): Mark => ({ at: from - zero, kind: 'action', label: title }))
  const undone = actions.flatMap(({ undo }): Mark[] => {
    if (undo?.startedAt === undefined) return []
    const failed = undo.status === 'failed' ? ' (failed)' : ''
    return [{ at: undo.startedAt - zero, kind: 'undo', label: `undo: ${undo.title}${failed}` }]
  })
  return [...done, ...undone].sort((a, b) => a.at - b.at)
}
