/** At most this share of the letters may differ in what a person may have meant. */
const tolerance = 1 / 3

/**
 * What a person may have meant by a name that does not exist: those that are nearest to it, if they are near.
 *
 * @example
 * similarTo('response_total', ['responses_total', 'up']) // ['responses_total']
 */
export function similarTo(name: string, known: readonly string[], atMost = 3): string[] {
  const limit = Math.floor(name.length * tolerance)
  return known
    .map((candidate) => ({ candidate, edits: editsBetween(name, candidate) }))
    .filter(({ edits }) => edits <= limit)
    .sort((a, b) => a.edits - b.edits)
    .slice(0, atMost)
    .map(({ candidate }) => candidate)
}

/** How many letters must be added, taken away or changed to make one of the other (Levenshtein). */
function editsBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1]
    for (const [j, other] of [...b].entries()) {
      const changed = (row[j] ?? 0) + (letter === other ? 0 : 1)
      next.push(Math.min(changed, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
