import type { Phase } from './events.ts'

/** How the spans of a hypothesis are called: by the worker while it lives, and by whoever ends the run in its place. */
export const phaseSpanNames: Record<Phase, string> = {
  before: 'steady state before the method',
  method: 'method',
  after: 'steady state after the method',
  rollback: 'rollback',
  restored: 'steady state after the rollback',
}

export function undoSpanName(title: string): string {
  return `undo: ${title}`
}
