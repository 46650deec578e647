import type {
  Container,
  EnvFromSource,
  EnvVar,
  EnvVarSource,
  Pod,
  ResourceFieldSelector,
} from 'kubernetes-types/core/v1.d.ts'
import { amountOfQuantity } from '../quantity.ts'
import { expand } from './expansion.ts'
import { nodeCapacity } from './node.ts'

/** A pod cannot be configured as it asks: shown as `CreateContainerConfigError`, and tried again. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
}

/** The data of a ConfigMap or a Secret as text, or `undefined` when there is none of that name. */
export type ReadData = (
  kind: 'ConfigMap' | 'Secret',
  name: string,
) => Promise<Readonly<Record<string, string>> | undefined>

export interface EnvironmentSources {
  pod: Pod
  container: Container
  /** What the container has before its own variables: they win over these, and may refer to them. */
  given: Readonly<Record<string, string>>
  /** The pod's address on this machine. */
  podAddress: string
  /** The node's address on this machine. */
  nodeAddress: string
  readData: ReadData
}

/**
 * The environment of a container, in Kubernetes' order: what it is given, then `envFrom`, then `env` from first to last,
 * each of which may refer to those before it as `$(NAME)`.
 *
 * @throws ConfigurationError when a ConfigMap, a Secret or a key of one is missing and not optional, or a field is unknown
 */
export async function containerEnvironment(sources: EnvironmentSources): Promise<Record<string, string>> {
  const environment: Record<string, string> = { ...sources.given }
  for (const source of sources.container.envFrom ?? [])
    Object.assign(environment, await dataOf(source, sources.readData))
  for (const variable of sources.container.env ?? []) {
    const value = await variableValue(variable, environment, sources)
    if (value !== undefined) environment[variable.name] = value
  }
  return environment
}

async function dataOf(source: EnvFromSource, readData: ReadData): Promise<Record<string, string>> {
  const kind = source.secretRef ? 'Secret' : 'ConfigMap'
  const { name = '', optional = false } = source.secretRef ?? source.configMapRef ?? {}
  const data = await readData(kind, name)
  if (!data && !optional) throw new ConfigurationError(`${kind.toLowerCase()} "${name}" not found`)
  return Object.fromEntries(Object.entries(data ?? {}).map(([key, value]) => [(source.prefix ?? '') + key, value]))
}

async function variableValue(
  { name, value = '', valueFrom }: EnvVar,
  environment: Readonly<Record<string, string>>,
  sources: EnvironmentSources,
): Promise<string | undefined> {
  if (!valueFrom) return expand(value, environment)
  if (valueFrom.fieldRef) return fieldValue(valueFrom.fieldRef.fieldPath, sources)
  if (valueFrom.configMapKeyRef || valueFrom.secretKeyRef) return keyValue(valueFrom, sources.readData)
  if (valueFrom.resourceFieldRef) return resourceValue(valueFrom.resourceFieldRef, sources.container)
  throw new ConfigurationError(`the lab cannot fill the variable ${name} from ${Object.keys(valueFrom).join(', ')}`)
}

async function keyValue(source: EnvVarSource, readData: ReadData): Promise<string | undefined> {
  const kind = source.secretKeyRef ? 'Secret' : 'ConfigMap'
  const { name = '', key = '', optional = false } = source.secretKeyRef ?? source.configMapKeyRef ?? {}
  const data = await readData(kind, name)
  if (data && Object.hasOwn(data, key)) return data[key]
  if (optional) return undefined
  const missing = data ? `couldn't find key ${key} in ${kind} "${name}"` : `${kind.toLowerCase()} "${name}" not found`
  throw new ConfigurationError(missing)
}

/** A field of the pod, as text. @throws ConfigurationError for one that the lab does not have */
export function fieldValue(
  path: string,
  { pod, podAddress, nodeAddress }: Pick<EnvironmentSources, 'nodeAddress' | 'pod' | 'podAddress'>,
): string {
  const { metadata = {}, spec } = pod
  const entry = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path)
  if (entry) return metadata[entry[1] as 'labels' | 'annotations']?.[entry[2] ?? ''] ?? ''
  const fields: Record<string, string | undefined> = {
    'metadata.labels': linesOf(metadata.labels),
    'metadata.annotations': linesOf(metadata.annotations),
    'metadata.name': metadata.name,
    'metadata.namespace': metadata.namespace,
    'metadata.uid': metadata.uid,
    'spec.nodeName': spec?.nodeName,
    'spec.serviceAccountName': spec?.serviceAccountName ?? 'default',
    'status.podIP': podAddress,
    'status.podIPs': podAddress,
    'status.hostIP': nodeAddress,
    'status.hostIPs': nodeAddress,
  }
  const value = fields[path]
  if (value === undefined) throw new ConfigurationError(`the lab does not have the pod field "${path}"`)
  return value
}

function linesOf(entries: Readonly<Record<string, string>> = {}): string {
  const lines = Object.entries(entries).map(([name, value]) => `${name}=${JSON.stringify(value)}`)
  return lines.sort().join('\n')
}

/** A limit or request of a container, in its unit: what is not limited has what the node has. */
function resourceValue({ resource, divisor = '1' }: ResourceFieldSelector, container: Container): string {
  const [part, name = ''] = resource.split('.')
  const { limits = {}, requests = {} } = container.resources ?? {}
  const given = (part === 'requests' ? (requests[name] ?? limits[name]) : limits[name]) ?? nodeCapacity()[name]
  if (given === undefined) throw new ConfigurationError(`the lab does not have the resource "${resource}"`)
  return String(Math.ceil(amountOfQuantity(given) / (amountOfQuantity(divisor) || 1)))
}
