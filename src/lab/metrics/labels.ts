/** The labels of a series; its name is the label `__name__`. */
export type Labels = Readonly<Record<string, string>>

export const metricNameLabel = '__name__'

/** What says which metric a series is: it is dropped where a value is not that metric any more. */
export const metadataLabels: readonly string[] = [metricNameLabel, '__type__', '__unit__']

/** A series as its labels say which it is, and the same as a key for maps. */
export interface SeriesIdentity {
  readonly key: string
  readonly labels: Labels
}

/** A label without a value is no label. */
export function identify(labels: Labels): SeriesIdentity {
  const present = presentLabels(labels)
  return { key: JSON.stringify(present), labels: Object.fromEntries(present) }
}

/** The same key for the same labels, in whatever order they stand. */
export function keyOf(labels: Labels): string {
  return JSON.stringify(presentLabels(labels))
}

function presentLabels(labels: Labels): [string, string][] {
  const present = Object.entries(labels).filter(([, value]) => value !== '')
  return present.sort(([a], [b]) => (a < b ? -1 : 1))
}

/** The value of a label; empty where there is none. */
export function labelOf(labels: Labels, name: string): string {
  return Object.hasOwn(labels, name) ? (labels[name] ?? '') : ''
}

/** The labels with these names. */
export function onlyLabels(labels: Labels, names: readonly string[]): Labels {
  const present = names.map((name) => [name, labelOf(labels, name)]).filter(([, value]) => value !== '')
  return Object.fromEntries(present)
}

/** The labels without those of these names. */
export function withoutLabels(labels: Labels, names: readonly string[]): Labels {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => !names.includes(name)))
}

/** The labels with one of them set; an empty value takes it away. */
export function withLabel(labels: Labels, name: string, value: string): Labels {
  return value === '' ? withoutLabels(labels, [name]) : { ...labels, [name]: value }
}

/** The order in which Prometheus shows series: by their labels' names and values, one after the other. */
export function compareLabels(a: Labels, b: Labels): number {
  const [first, second] = [presentLabels(a), presentLabels(b)]
  for (const [i, [name, value]] of first.entries()) {
    const other = second[i]
    if (!other) return 1
    if (name !== other[0]) return name < other[0] ? -1 : 1
    if (value !== other[1]) return value < other[1] ? -1 : 1
  }
  return first.length - second.length
}

/** As people write it: `{__name__="up", job="pods"}`. */
export function labelsText(labels: Labels): string {
  return `{${presentLabels(labels)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(', ')}}`
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
