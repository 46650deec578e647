import { usageError } from '../support/errors.ts'
import { formatFraction } from '../support/quantities.ts'
import type { SafetyRules } from './rules.ts'

/** How many an action hits, of how many it chooses among. */
export interface Hit {
  hit: number
  of: number
  /** What they are counted among: `the pods of deployment/web`. */
  among: string
  /** One after the other, each when the one before it is replaced: then it hits no share at once. */
  gradually?: boolean
}

/**
 * Refuses an action that hits a larger share at once than the config allows.
 *
 * @param tried the action that is refused, in words
 * @throws CHAOS_BLAST_RADIUS (usage)
 */
export function checkBlastRadius(tried: string, limit: 'maxPods' | 'maxNodes', hits: Hit, rules: SafetyRules): void {
  const { hit, of, among, gradually = false } = hits
  if (gradually || hit <= of * rules[limit]) return
  throw usageError(
    'CHAOS_BLAST_RADIUS',
    `${tried}: it would hit ${hit} of ${of} (${formatFraction(hit / of)}) of ${among} at once, and safety.${limit} of the config allows ${formatFraction(rules[limit])}. Hit fewer, or allow more in the config if it is meant.`,
  )
}
