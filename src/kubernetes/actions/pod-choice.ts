import { ChaosError, usageError } from '../../support/errors.ts'
import { type Ratio, toFraction } from '../../support/quantities.ts'
import { shuffled } from '../../support/random.ts'
import type { Pod } from '../api/resources.ts'

/** Which of the pods that match are meant. */
export interface PodChoice {
  /** @default 1, or one for each with `onePer` */
  count?: number | 'all'
  /** A share of those that match, rounded down, and at least one: `'50%'` of three is one. */
  share?: Ratio
  /**
   * Who is taken first. `random` is told with its seed, so that it can be repeated.
   *
   * @default 'random'
   */
  order?: 'oldest' | 'newest' | 'random' | 'name'
  /** Of `order: 'random'`. Absent: another one each time. */
  seed?: number
  /** One of each node, or of each zone (`topology.kubernetes.io/zone`), instead of any. */
  onePer?: 'node' | 'zone'
}

export interface ChosenPods {
  chosen: Pod[]
  /** Among these. */
  among: Pod[]
  /** Where chance has chosen. */
  seed?: number
}

/** Whether a pod is there to be chosen: neither at its end nor about to be, and no part of a node (a static pod). */
export function isChoosable({ metadata, status }: Pod): boolean {
  const isOver = status?.phase === 'Succeeded' || status?.phase === 'Failed'
  const isStatic = metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined
  return metadata.deletionTimestamp === undefined && !isOver && !isStatic
}

/**
 * Chooses among pods.
 *
 * @param zoneOf the zone of a node; only asked for `onePer: 'zone'`
 * @throws CHAOS_BAD_CHOICE (usage), CHAOS_TOO_FEW_PODS
 */
export function choosePods(
  among: readonly Pod[],
  choice: PodChoice,
  zoneOf: (node: string) => string | undefined = () => undefined,
): ChosenPods {
  const { order = 'random', onePer } = choice
  const seed = order === 'random' ? (choice.seed ?? Math.floor(Math.random() * 2 ** 32)) : undefined
  const ordered = inOrder(among, order, seed ?? 0)
  const candidates = onePer === undefined ? ordered : oneOfEach(ordered, (pod) => placeOf(pod, onePer, zoneOf))
  const wanted = wantedOf(choice, candidates.length)
  if (wanted > candidates.length) {
    const each = onePer === undefined ? '' : `, one per ${onePer},`
    throw new ChaosError(
      'CHAOS_TOO_FEW_PODS',
      `${wanted} pods were to be chosen, and there are ${candidates.length}${each}: ${candidates.map(nameOf).join(', ') || 'none'}.`,
    )
  }
  return { chosen: candidates.slice(0, wanted), among: [...among], ...(seed === undefined ? {} : { seed }) }
}

function wantedOf({ count, share, onePer }: PodChoice, available: number): number {
  if (count !== undefined && share !== undefined) {
    throw usageError('CHAOS_BAD_CHOICE', 'Say how many pods, either by "count" or by "share", and not both.')
  }
  if (share !== undefined) return Math.max(1, Math.floor(toFraction(share) * available))
  if (count === 'all') return available
  if (count === undefined) return onePer === undefined ? 1 : available
  if (Number.isInteger(count) && count > 0) return count
  throw usageError('CHAOS_BAD_CHOICE', `"${count}" is not a number of pods. Say 1, 2 … or 'all'.`)
}

function inOrder(pods: readonly Pod[], order: NonNullable<PodChoice['order']>, seed: number): Pod[] {
  const byName = [...pods].sort((a, b) => nameOf(a).localeCompare(nameOf(b)))
  if (order === 'name') return byName
  // The API knows seconds. By age first, so that a seed means the same when the names are others.
  const byAge = byName.sort((a, b) => Date.parse(createdAt(a)) - Date.parse(createdAt(b)))
  if (order === 'random') return shuffled(byAge, seed)
  return order === 'oldest' ? byAge : byAge.reverse()
}

function oneOfEach(pods: readonly Pod[], placeOf: (pod: Pod) => string | undefined): Pod[] {
  const first = new Map<string, Pod>()
  for (const pod of pods) {
    const place = placeOf(pod)
    if (place !== undefined && !first.has(place)) first.set(place, pod)
  }
  return [...first.values()]
}

function placeOf(
  { spec: { nodeName } }: Pod,
  onePer: 'node' | 'zone',
  zoneOf: (node: string) => string | undefined,
): string | undefined {
  if (nodeName === undefined || onePer === 'node') return nodeName
  return zoneOf(nodeName)
}

function nameOf({ metadata }: Pod): string {
  return metadata.name
}

function createdAt({ metadata }: Pod): string {
  return metadata.creationTimestamp ?? ''
}
