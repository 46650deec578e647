import type { Json } from '../objects.ts'

/** What makes an item the same as another: equal texts mean equal items. */
export type Identify = (item: Json) => string

/**
 * The items of a merged list in their order: those that the patch names in the order that it gives, the others in the
 * order that they had; of two that were both there before, the earlier one stays earlier where that agrees.
 */
export function inOrderOf(
  items: readonly Json[],
  order: readonly Json[],
  before: readonly Json[],
  identify: Identify,
): Json[] {
  const placeInOrder = placesIn(order, identify)
  const placeBefore = placesIn(before, identify)
  const named = items.filter((item) => placeInOrder(item) >= 0).sort((a, b) => placeInOrder(a) - placeInOrder(b))
  const others = items.filter((item) => placeInOrder(item) < 0).sort((a, b) => placeBefore(a) - placeBefore(b))
  const ordered: Json[] = []
  let next = 0
  for (const item of named) {
    const place = placeBefore(item)
    for (; place >= 0 && next < others.length; next++) {
      const other = others[next] ?? null
      if (placeBefore(other) >= place) break
      ordered.push(other)
    }
    ordered.push(item)
  }
  return [...ordered, ...others.slice(next)]
}

/** The first place of an item in a list; -1 when it is not there. */
function placesIn(list: readonly Json[], identify: Identify): (item: Json) => number {
  const places = new Map<string, number>()
  for (const [place, item] of list.entries()) {
    const identity = identify(item)
    if (!places.has(identity)) places.set(identity, place)
  }
  return (item) => places.get(identify(item)) ?? -1
}
