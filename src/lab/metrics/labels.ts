/**
 * The labels of a series, in the order of their names; none of them is empty. Its name is the label `__name__`. They are
 * never changed, so that what was found out of them once can be kept.
 */
export type Labels = Readonly<Record<string, string>>

export const metricNameLabel = '__name__'

/** What says which metric a series is: it is dropped where a value is not that metric any more. */
const metadataLabels: readonly string[] = [metricNameLabel, '__type__', '__unit__']

/** A series as its labels say which it is, and the same as a key for maps. */
export interface SeriesIdentity {
  readonly key: string
  readonly labels: Labels
}

/** Labels of any order, some of which may be empty: a label without a value is no label. */
export function identify(labels: Readonly<Record<string, string>>): SeriesIdentity {
  const present = Object.entries(labels).filter(([, value]) => value !== '')
  const identified = Object.fromEntries(present.sort(byName))
  return { key: keyOf(identified), labels: identified }
}

function byName([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : 1
}

/** The labels of stored series are asked for again with every query. */
const keys = new WeakMap<Labels, string>()

/** The same key for the same labels, and another one for all others. */
export function keyOf(labels: Labels): string {
  const known = keys.get(labels)
  if (known !== undefined) return known
  const key = keyOfSome(labels, () => true)
  keys.set(labels, key)
  return key
}

/** The key of those labels whose names count. */
export function keyOfSome(labels: Labels, counts: (name: string) => boolean): string {
  let key = ''
  for (const name in labels) {
    const value = labels[name] ?? ''
    // With its length before it, no text can be taken for another one.
    if (counts(name)) key += `${name.length}:${name}${value.length}:${value}`
  }
  return key
}

/** The value of a label; empty where there is none. */
export function labelOf(labels: Labels, name: string): string {
  return Object.hasOwn(labels, name) ? (labels[name] ?? '') : ''
}

/** The labels with these names. */
export function onlyLabels(labels: Labels, names: readonly string[]): Labels {
  return someLabels(labels, (name) => names.includes(name))
}

/** The labels without those of these names. */
export function withoutLabels(labels: Labels, names: readonly string[]): Labels {
  return someLabels(labels, (name) => !names.includes(name))
}

function someLabels(labels: Labels, counts: (name: string) => boolean): Labels {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => counts(name)))
}

const nameless = new WeakMap<Labels, Labels>()

/** The labels without those that say which metric it is: always the same object for the same one. */
export function withoutMetadata(labels: Labels): Labels {
  const known = nameless.get(labels)
  if (known) return known
  const without = withoutLabels(labels, metadataLabels)
  nameless.set(labels, without)
  return without
}

/** The labels with one of them set; an empty value takes it away. */
export function withLabel(labels: Labels, name: string, value: string): Labels {
  return identify({ ...labels, [name]: value }).labels
}

/** The order in which Prometheus shows series: by their labels' names and values, one after the other. */
export function compareLabels(a: Labels, b: Labels): number {
  const [first, second] = [Object.entries(a), Object.entries(b)]
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
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`)
  return `{${pairs.join(', ')}}`
}

/**
 * The labels of a scraped series: those of its target win, and what the series itself says under such a name is kept
 * as `exported_NAME` (Prometheus' `honor_labels: false`).
 */
export function withTargetLabels(
  scraped: Readonly<Record<string, string>>,
  target: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const labels: Record<string, string> = { ...scraped }
  for (const [name, value] of Object.entries(target)) {
    const own = scraped[name]
    if (own !== undefined) labels[exportedName(name, { ...scraped, ...target })] = own
    labels[name] = value
  }
  return labels
}

function exportedName(name: string, taken: Readonly<Record<string, string>>): string {
  const exported = `exported_${name}`
  return Object.hasOwn(taken, exported) ? exportedName(exported, taken) : exported
}
