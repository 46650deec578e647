import type { ShownVerdict } from '../../../src/journal/state.ts'
import { h } from './dom.ts'

/** How a verdict looks: colour never stands alone, a mark and a word go with it. */
const looks: Record<ShownVerdict, { mark: string; name: string; tone: Tone }> = {
  held: { mark: '✓', name: 'Held', tone: 'good' },
  'known-weakness': { mark: '≈', name: 'Known weakness', tone: 'known' },
  'dry-run': { mark: '○', name: 'Dry run', tone: 'known' },
  'steady-state': { mark: '✓', name: 'Steady', tone: 'good' },
  deviated: { mark: '✗', name: 'Deviated', tone: 'bad' },
  usage: { mark: '✗', name: 'Usage', tone: 'bad' },
  unsteady: { mark: '○', name: 'Unsteady', tone: 'warn' },
  inconclusive: { mark: '?', name: 'Inconclusive', tone: 'warn' },
  failed: { mark: '✗', name: 'Failed', tone: 'bad' },
  'not-restored': { mark: '!', name: 'Not restored', tone: 'bad' },
  interrupted: { mark: '■', name: 'Interrupted', tone: 'warn' },
  unfinished: { mark: '·', name: 'Unfinished', tone: 'warn' },
}

export type Tone = 'good' | 'known' | 'bad' | 'warn'

export function nameOf(verdict: ShownVerdict): string {
  return looks[verdict].name
}

export function verdictBadge(verdict: ShownVerdict, className = 'badge'): HTMLElement {
  const { mark, name, tone } = looks[verdict]
  return h(
    'span',
    { class: `${className} tone-${tone}` },
    h('span', { class: 'mark', 'aria-hidden': 'true' }, mark),
    name,
  )
}

/** What needs attention comes first. */
const urgency: readonly Tone[] = ['bad', 'warn', 'known', 'good']

export function byUrgency(a: ShownVerdict, b: ShownVerdict): number {
  return urgency.indexOf(looks[a].tone) - urgency.indexOf(looks[b].tone)
}

/** `3 held, 1 known weakness` */
export function tally(verdicts: readonly ShownVerdict[]): string {
  const order = Object.keys(looks) as ShownVerdict[]
  const counts = order.map((verdict) => [verdict, verdicts.filter((each) => each === verdict).length] as const)
  return counts
    .filter(([, number]) => number > 0)
    .map(([verdict, number]) => `${number} ${nameOf(verdict).toLowerCase()}`)
    .join(', ')
}
