import { type ChaosError, inconclusive } from '../support/errors.ts'
import { similarTo } from '../support/similar.ts'
import type { PrometheusClient } from './client.ts'
import type { Labels } from './samples.ts'
import type { LabelSelection } from './selector.ts'
import type { Extract } from './target-discovery.ts'

const shownValues = 5

/** Says what there is instead: a typing error is the usual reason. */
export async function noData(
  client: PrometheusClient,
  { selector, from, until }: Extract,
  metric: string,
  selection: LabelSelection,
): Promise<ChaosError> {
  const found = await client.series(metric, from, until)
  const there =
    found.length === 0
      ? `There is no series called ${metric} at all: ${await instead(client, metric)}`
      : `There are ${found.length} series called ${metric}; ${valuesInWords(found, Object.keys(selection))}.`
  return inconclusive(
    'CHAOS_PROMETHEUS_NO_DATA',
    `Prometheus at ${client.url} has no data for ${selector} in the window, which says neither that it held nor that it deviated. ${there}`,
  )
}

/** A name that is mistyped, or a target that is not scraped. */
async function instead(client: PrometheusClient, metric: string): Promise<string> {
  const names = await client.labelValues('__name__').catch(() => [])
  const similar = similarTo(metric, names)
  return similar.length === 0 ? 'is its target scraped?' : `did you mean ${similar.join(' or ')}?`
}

/** The values that the labels of the selection really have. */
function valuesInWords(series: readonly Labels[], labels: readonly string[]): string {
  const each = labels.map((label) => {
    const values = [...new Set(series.flatMap((found) => found[label] ?? []))]
    if (values.length === 0) return `none has the label ${label}`
    const more = values.length > shownValues ? ', …' : ''
    return `${label} is ${values.slice(0, shownValues).join(', ')}${more}`
  })
  return each.join('; ') || 'none of them has a sample in the window'
}
