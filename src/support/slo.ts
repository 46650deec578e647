import { usageError } from './errors.ts'
import { type Ratio, toFraction } from './quantities.ts'

/**
 * The share of errors that a service level objective allows: its error budget. `'99.9%'` leaves 0.001.
 *
 * @throws CHAOS_BAD_SLO (usage) an objective of 100 % leaves none
 */
export function errorBudget(slo: Ratio): number {
  const budget = Number((1 - toFraction(slo)).toPrecision(12))
  if (budget > 0 && budget < 1) return budget
  throw usageError(
    'CHAOS_BAD_SLO',
    `"${slo}" is not a service level objective that leaves an error budget. Write it as '99.9%'; to allow no errors at all, write toHaveNoErrors().`,
  )
}

/**
 * How fast an error rate uses up the error budget: at 1 it lasts exactly as long as the objective's period, at 14.4 a
 * thirtieth of the period's hours takes 2 % of it (The Site Reliability Workbook, chapter 5).
 *
 * @param errorRate 0 to 1
 * @throws CHAOS_BAD_SLO (usage)
 */
export function burnRate(errorRate: number, slo: Ratio): number {
  return errorRate / errorBudget(slo)
}
