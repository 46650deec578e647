import type { ApiRequest } from '../http/request.ts'
import type { ApiObject } from '../objects.ts'
import type { Resource } from '../resources/resource.ts'
import { parseFieldSelector } from '../selectors/fields.ts'
import { parseLabelSelector } from '../selectors/labels.ts'

export type Selection = (object: ApiObject) => boolean

const everything: Selection = () => true

/** The objects that are selected: where all are, the very same list. */
export function selectedOf(objects: readonly ApiObject[], selected: Selection): readonly ApiObject[] {
  return selected === everything ? objects : objects.filter(selected)
}

/** What the selectors of a query select. @throws StatusError 400 */
export function selectionOf({ query }: ApiRequest, resource: Resource): Selection {
  if (!query.get('labelSelector') && !query.get('fieldSelector')) return everything
  const labels = parseLabelSelector(query.get('labelSelector') ?? '')
  const fields = parseFieldSelector(query.get('fieldSelector') ?? '', resource.selectableFields)
  return (object) => labels(object.metadata.labels ?? {}) && fields(object)
}
