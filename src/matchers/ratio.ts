import {
  isMeasuredFraction,
  isMeasuredQuantile,
  isMeasuredRatio,
  type MeasuredRatio,
  type Measurement,
} from '../prometheus/index.ts'
import { usageError } from '../support/errors.ts'
import { formatFraction, type Ratio, toFraction } from '../support/quantities.ts'
import { fewestToShow } from './evidence.ts'
import { measurementDiagnosis, shareInWords } from './measured.ts'
import { notAMeasurement, numberOf, requireCounted } from './measured-evidence.ts'
import { below, type ErrorRateOptions, type MatcherContext, type MatcherResult } from './types.ts'

/** `toHaveErrorRateBelow` of a share that Prometheus counted, and `toBeBelow`. */
export function ratioBelow(
  context: MatcherContext,
  measured: MeasuredRatio,
  limit: Ratio,
  { minRequests }: ErrorRateOptions,
  matcher: string,
): MatcherResult {
  const expected = toFraction(limit)
  if (expected === 0) {
    throw usageError('CHAOS_BAD_RATIO', `${matcher}: no share is below 0 %. To allow none, write toHaveNoErrors().`)
  }
  requireCounted(minRequests ?? fewestToShow(expected), measured.denominator, measured, matcher)
  const finding = `expected a share ${below(context)} ${formatFraction(expected)}, and it was ${shareInWords(measured)}`
  return {
    pass: measured.value < expected,
    message: () => measurementDiagnosis(measured, finding),
    actual: measured.value,
    expected,
  }
}

/** `toHaveNoErrors` of what Prometheus counted: a share, or the increase of a counter of errors. */
export function noErrorsMeasured(measured: Measurement): MatcherResult {
  if (isMeasuredQuantile(measured) || isMeasuredFraction(measured)) throw notAMeasurement(measured, 'toHaveNoErrors')
  const errors = isMeasuredRatio(measured) ? measured.numerator : numberOf(measured, 'toHaveNoErrors')
  const found = isMeasuredRatio(measured) ? shareInWords(measured) : String(errors)
  const finding =
    errors === 0 ? `expected errors, and there were ${found}` : `expected no errors, and there were ${found}`
  return {
    pass: errors === 0,
    message: () => measurementDiagnosis(measured, finding),
    actual: errors,
    expected: 0,
  }
}
