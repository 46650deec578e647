import { type ApiObject, asJson, type JsonObject, shown } from '../objects.ts'
import { apiVersionOf } from '../resources/define.ts'
import type { Resource } from '../resources/resource.ts'
import { badRequest, invalid } from '../status.ts'
import { checkMetadata } from '../validation/metadata.ts'
import { Problems } from '../validation/problems.ts'
import { shapeInto } from './shape.ts'

/**
 * Takes JSON for an object of a kind: in the form of its schema, without kind and version.
 * @throws StatusError 400 when it is of another kind or form
 */
export function decodeObject(resource: Resource, json: JsonObject): ApiObject {
  const { kind = resource.kind, apiVersion = apiVersionOf(resource), ...object } = json
  if (kind !== resource.kind || apiVersion !== apiVersionOf(resource)) {
    throw badRequest(
      `${shown(kind)} in version "${shown(apiVersion)}" cannot be handled as a ${resource.kind}: it is not of version "${apiVersionOf(resource)}"`,
    )
  }
  shapeInto(object, resource.schema, resource)
  return object as unknown as ApiObject
}

/** The object as a client would send it back. */
export function encodeForPatch(resource: Resource, object: ApiObject): JsonObject {
  return { kind: resource.kind, apiVersion: apiVersionOf(resource), ...asJson(object) }
}

/** Fills in defaults and refuses what is wrong. @throws StatusError 422 */
export function complete(resource: Resource, object: ApiObject, previous?: ApiObject): void {
  resource.setDefaults?.(object)
  const problems = new Problems()
  checkMetadata(object.metadata, resource.nameRule, problems)
  resource.check?.(object, problems)
  if (previous) resource.checkUpdate?.(object, previous, problems)
  refuseProblems(resource, object.metadata.name, problems)
}

/** @throws StatusError 422 when there are problems */
export function refuseProblems(kind: Pick<Resource, 'group' | 'kind'>, name: string, { causes }: Problems): void {
  if (causes.length > 0) throw invalid(kind, name, causes)
}
