import { resources } from '../resources/index.ts'
import type { Resource } from '../resources/resource.ts'
import { subresources } from '../subresources/index.ts'

/** `/api`: the versions of the core group. */
export function coreVersions(serverAddress: string): object {
  return {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }],
  }
}

/** `/apis`: the other groups. */
export function groupList(): object {
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: groupNames().map(describeGroup) }
}

/** `/apis/<group>`; undefined for a group that is not served. */
export function group(name: string): object | undefined {
  if (!groupNames().includes(name)) return undefined
  return { kind: 'APIGroup', apiVersion: 'v1', ...describeGroup(name) }
}

/** `/api/v1`, `/apis/<group>/<version>`: the kinds and their parts; undefined when none is served. */
export function resourceList(groupName: string, version: string): object | undefined {
  const served = resources.filter((resource) => resource.group === groupName && resource.version === version)
  if (served.length === 0) return undefined
  return {
    kind: 'APIResourceList',
    ...(groupName ? { apiVersion: 'v1' } : {}),
    groupVersion: groupName ? `${groupName}/${version}` : version,
    resources: served.flatMap((resource) => [describeResource(resource), ...describeSubresources(resource)]),
  }
}

function groupNames(): string[] {
  return [...new Set(resources.map((resource) => resource.group))].filter((name) => name !== '')
}

function describeGroup(name: string): object {
  const versions = [...new Set(resources.filter((resource) => resource.group === name).map(({ version }) => version))]
  const described = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }))
  return { name, versions: described, preferredVersion: described[0] }
}

function describeResource(resource: Resource): object {
  const { plural, singular, namespaced, kind, verbs, shortNames, categories } = resource
  return {
    name: plural,
    singularName: singular,
    namespaced,
    kind,
    verbs,
    ...(shortNames.length > 0 ? { shortNames } : {}),
    ...(categories.length > 0 ? { categories } : {}),
  }
}

function describeSubresources(resource: Resource): object[] {
  return resource.subresources.map((name) => {
    const { kind, verbs } = subresources[name]
    return {
      name: `${resource.plural}/${name}`,
      singularName: '',
      namespaced: resource.namespaced,
      ...(kind ?? { kind: resource.kind }),
      verbs: Object.keys(verbs).sort(),
    }
  })
}
