/** What targets say of a metric. */
export interface MetricMetadata {
  readonly type: string
  readonly help: string
  readonly unit: string
}

/** Of how many metrics the metadata are kept: the least recently scraped ones go first. */
const mostMetrics = 10_000

/** What the targets say of their metrics: each different description once. */
export class Metadata {
  readonly #byName = new Map<string, Map<string, MetricMetadata>>()

  add(name: string, metadata: MetricMetadata): void {
    const known = this.#byName.get(name) ?? new Map<string, MetricMetadata>()
    known.set(JSON.stringify(metadata), metadata)
    this.#byName.delete(name)
    this.#byName.set(name, known)
    const [oldest] = this.#byName.keys()
    if (this.#byName.size > mostMetrics && oldest !== undefined) this.#byName.delete(oldest)
  }

  /** By the names of the metrics, in the order of the alphabet. */
  entries(): [name: string, descriptions: MetricMetadata[]][] {
    return [...this.#byName.keys()].sort().map((name) => [name, [...(this.#byName.get(name)?.values() ?? [])]])
  }
}

/** The metadata that the comments of an exposition hold, by the names of the metrics. */
export function metadataOf(comments: readonly string[]): Map<string, MetricMetadata> {
  const described = new Map<string, MetricMetadata>()
  for (const comment of comments) {
    const [, keyword = '', name = '', text = ''] = /^#[ \t]+(\w+)[ \t]+(\S+)(?:[ \t]+(.*))?$/.exec(comment) ?? []
    const known = described.get(name) ?? { type: 'unknown', help: '', unit: '' }
    if (keyword === 'TYPE') described.set(name, { ...known, type: text === 'untyped' ? 'unknown' : text })
    if (keyword === 'UNIT') described.set(name, { ...known, unit: text })
    if (keyword === 'HELP') described.set(name, { ...known, help: unescapeHelp(text) })
  }
  return described
}

function unescapeHelp(text: string): string {
  return text.replace(/\\([\\n])/g, (_, character: string) => (character === 'n' ? '\n' : '\\'))
}
