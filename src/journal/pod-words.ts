import type { PodSighting } from './events.ts'

/** How pods were, for people: `web-2 terminating, web-3 Pending, 2 ready`. */
export function podsInWords(pods: readonly PodSighting[]): string {
  const ready = pods.filter(({ state }) => state === 'ready')
  const others = pods.filter(({ state }) => state !== 'ready').map(wordsFor)
  const readyWords = ready.length === 1 ? ready.map(({ name }) => `${name} ready`) : [`${ready.length} ready`]
  return [...others, ...(ready.length > 0 ? readyWords : [])].join(', ') || 'none'
}

function wordsFor({ name, phase, state }: PodSighting): string {
  return `${name} ${state === 'not ready' && phase !== 'Running' ? phase : state}`
}
