import { apiVersionOf } from '../resources/define.ts'
import { resources } from '../resources/index.ts'
import type { Resource } from '../resources/resource.ts'
import type { Schema } from '../schemas/schema.ts'
import { modelledVersion } from '../version.ts'

/*
 * What `kubectl explain` reads: the fields that the lab knows of each kind, with their types. They have no descriptions;
 * fields that the lab only keeps are not among them.
 */

/** `/openapi/v3`: where the description of each version of a group is. */
export function openApiIndex(): object {
  const paths = [...new Set(resources.map(pathOf))].map((path) => [path, { serverRelativeURL: `/openapi/v3/${path}` }])
  return { paths: Object.fromEntries(paths) }
}

/** The description of a version of a group, as `apis/apps/v1`; undefined when it is not served. */
export function openApiOf(path: string): object | undefined {
  const described = resources.filter((resource) => pathOf(resource) === path)
  if (described.length === 0) return undefined
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: modelledVersion.gitVersion },
    paths: Object.fromEntries(described.flatMap(pathsOf)),
    components: {
      schemas: Object.fromEntries(described.map((resource) => [schemaName(resource), kindSchema(resource)])),
    },
  }
}

function pathOf(resource: Resource): string {
  return resource.group ? `apis/${apiVersionOf(resource)}` : `api/${resource.version}`
}

function pathsOf(resource: Resource): [string, object][] {
  const scope = resource.namespaced ? '/namespaces/{namespace}' : ''
  const collection = `/${pathOf(resource)}${scope}/${resource.plural}`
  const operation = { get: { 'x-kubernetes-group-version-kind': kindOf(resource) } }
  return [
    [collection, operation],
    [`${collection}/{name}`, operation],
  ]
}

function schemaName({ group, version, kind }: Resource): string {
  return `io.k8s.api.${group.split('.')[0] || 'core'}.${version}.${kind}`
}

function kindOf({ group, version, kind }: Resource): object {
  return { group, version, kind }
}

function kindSchema(resource: Resource): object {
  const { properties } = schemaOf(resource.schema) as { properties: object }
  return {
    type: 'object',
    properties: { apiVersion: { type: 'string' }, kind: { type: 'string' }, ...properties },
    'x-kubernetes-group-version-kind': [kindOf(resource)],
  }
}

function schemaOf(schema: Schema): object {
  switch (schema.type) {
    case 'struct':
      return {
        type: 'object',
        properties: Object.fromEntries(Object.entries(schema.fields).map(([name, field]) => [name, schemaOf(field)])),
      }
    case 'map':
      return { type: 'object', additionalProperties: schemaOf(schema.values) }
    case 'list':
      return { type: 'array', items: schemaOf(schema.items) }
    case 'intOrString':
      return { type: 'string', format: 'int-or-string' }
    case 'quantity':
      return { type: 'string' }
    case 'any':
      return { type: 'object' }
    default:
      return { type: schema.type }
  }
}
