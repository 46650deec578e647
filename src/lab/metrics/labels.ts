/** The labels of a series; its name is the label `__name__`. */
export type Labels = Readonly<Record<string, string>>

export const metricNameLabel = '__name__'

/** A series as its labels say which it is, and the same as a key for maps. */
export interface SeriesIdentity {
  readonly key: string
  readonly labels: Labels
}

/** A label without a value is no label. */
export function identify(labels: Labels): SeriesIdentity {
  const present = Object.entries(labels).filter(([, value]) => value !== '')
  present.sort(([a], [b]) => (a < b ? -1 : 1))
  return { key: JSON.stringify(present), labels: Object.fromEntries(present) }
}

/**
 * The labels of a scraped series: those of its target win, and what the series itself says under such a name is kept
 * as `exported_NAME` (Prometheus' `honor_labels: false`).
 */
export function withTargetLabels(scraped: Labels, target: Labels): Labels {
  const labels: Record<string, string> = { ...scraped }
  for (const [name, value] of Object.entries(target)) {
    const own = scraped[name]
    if (own !== undefined) labels[exportedName(name, { ...scraped, ...target })] = own
    labels[name] = value
  }
  return labels
}

function exportedName(name: string, taken: Labels): string {
  const exported = `exported_${name}`
  return Object.hasOwn(taken, exported) ? exportedName(exported, taken) : exported
}
