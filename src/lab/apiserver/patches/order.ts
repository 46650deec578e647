import type { Json } from '../objects.ts'

export type SameItem = (a: Json, b: Json) => boolean

/**
 * The items of a merged list in their order: those that the patch names in the order that it gives, the others in the
 * order that they had; of two that were both there before, the earlier one stays earlier where that agrees.
 */
export function inOrderOf(
  items: readonly Json[],
  order: readonly Json[],
  before: readonly Json[],
  same: SameItem,
): Json[] {
  const placeIn = (list: readonly Json[], item: Json): number => list.findIndex((other) => same(other, item))
  const byPlaceIn = (list: readonly Json[]) => (a: Json, b: Json) => placeIn(list, a) - placeIn(list, b)
  const named = items.filter((item) => placeIn(order, item) >= 0).sort(byPlaceIn(order))
  const others = items.filter((item) => placeIn(order, item) < 0).sort(byPlaceIn(before))
  const ordered: Json[] = []
  for (const item of named) {
    const place = placeIn(before, item)
    while (place >= 0 && others[0] !== undefined && placeIn(before, others[0]) < place)
      ordered.push(others.shift() ?? null)
    ordered.push(item)
  }
  return [...ordered, ...others]
}
