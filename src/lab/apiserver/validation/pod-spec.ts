import type {
  Container,
  ContainerPort,
  EnvVar,
  PodSpec,
  Probe,
  ResourceRequirements,
  Volume,
} from 'kubernetes-types/core/v1.d.ts'
import { dnsLabel, environmentName, portName } from './names.ts'
import type { Problems } from './problems.ts'

export const protocols = ['SCTP', 'TCP', 'UDP']
const restartPolicies = ['Always', 'OnFailure', 'Never']
const pullPolicies = ['Always', 'IfNotPresent', 'Never']
const dnsPolicies = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']
const schemes = ['HTTP', 'HTTPS']
const volumeKinds = ['configMap', 'downwardAPI', 'emptyDir', 'hostPath', 'projected', 'secret']
const projectionKinds = ['configMap', 'downwardAPI', 'secret']
const quantityPattern = /^[+-]?(\d+|\d+\.\d*|\.\d+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?\d+)?$/
const outOfPortRange = 'must be between 1 and 65535, inclusive'

export function checkPodSpec(spec: PodSpec, field: string, problems: Problems): void {
  problems.oneOf(`${field}.restartPolicy`, spec.restartPolicy, restartPolicies)
  problems.oneOf(`${field}.dnsPolicy`, spec.dnsPolicy, dnsPolicies)
  problems.notNegative(`${field}.terminationGracePeriodSeconds`, spec.terminationGracePeriodSeconds)
  if (spec.activeDeadlineSeconds !== undefined && spec.activeDeadlineSeconds < 1) {
    problems.invalid(
      `${field}.activeDeadlineSeconds`,
      spec.activeDeadlineSeconds,
      'must be between 1 and 2147483647, inclusive',
    )
  }
  const volumes = new Set<string>()
  for (const [index, volume] of (spec.volumes ?? []).entries()) {
    checkUniqueName(volume.name, volumes, `${field}.volumes[${index}].name`, problems)
    checkVolume(volume, `${field}.volumes[${index}]`, problems)
  }
  const names = new Set<string>()
  if (spec.containers.length === 0) problems.required(`${field}.containers`)
  checkContainers(spec.initContainers ?? [], `${field}.initContainers`, { names, volumes }, problems)
  checkContainers(spec.containers, `${field}.containers`, { names, volumes }, problems)
}

/** A volume of another kind would be a folder that stays empty: that the lab does not have it is said at once. */
function checkVolume({ name: _name, ...sources }: Volume, field: string, problems: Problems): void {
  const kinds = Object.keys(sources)
  for (const kind of kinds.filter((each) => !volumeKinds.includes(each))) {
    problems.forbidden(`${field}.${kind}`, `the lab has volumes of the kinds ${volumeKinds.join(', ')}`)
  }
  if (kinds.length > 1) problems.forbidden(field, 'may not specify more than 1 volume type')
  for (const [index, source] of (sources.projected?.sources ?? []).entries()) {
    for (const kind of Object.keys(source).filter((each) => !projectionKinds.includes(each))) {
      problems.forbidden(
        `${field}.projected.sources[${index}].${kind}`,
        `the lab projects ${projectionKinds.join(', ')}`,
      )
    }
  }
}

interface PodNames {
  /** The names of the containers so far. */
  names: Set<string>
  volumes: ReadonlySet<string>
}

function checkContainers(
  containers: Container[],
  field: string,
  { names, volumes }: PodNames,
  problems: Problems,
): void {
  for (const [index, container] of containers.entries()) {
    const at = `${field}[${index}]`
    checkUniqueName(container.name, names, `${at}.name`, problems)
    if (!container.image) problems.required(`${at}.image`)
    else if (container.image !== container.image.trim()) {
      problems.invalid(`${at}.image`, container.image, 'must not have leading or trailing whitespace')
    }
    const isInit = field.endsWith('initContainers')
    if (container.restartPolicy !== undefined) {
      if (!isInit) problems.forbidden(`${at}.restartPolicy`, 'may not be set for non-init containers')
      else problems.oneOf(`${at}.restartPolicy`, container.restartPolicy, ['Always'])
    }
    problems.oneOf(`${at}.imagePullPolicy`, container.imagePullPolicy, pullPolicies)
    checkPorts(container.ports ?? [], `${at}.ports`, problems)
    checkEnvironment(container.env ?? [], `${at}.env`, problems)
    checkResources(container.resources, `${at}.resources`, problems)
    checkMounts(container, volumes, at, problems)
    for (const kind of ['livenessProbe', 'readinessProbe', 'startupProbe'] as const) {
      const probe = container[kind]
      if (probe) checkProbe(probe, kind, `${at}.${kind}`, problems)
    }
  }
}

function checkUniqueName(name: string | undefined, taken: Set<string>, field: string, problems: Problems): void {
  const wrong = name ? dnsLabel(name) : undefined
  if (!name) problems.required(field)
  else if (wrong) problems.invalid(field, name, wrong)
  else if (taken.has(name)) problems.duplicate(field, name)
  else taken.add(name)
}

function checkPorts(ports: ContainerPort[], field: string, problems: Problems): void {
  const names = new Set<string>()
  for (const [index, port] of ports.entries()) {
    const at = `${field}[${index}]`
    if (port.name) {
      const wrong = portName(port.name)
      if (wrong) problems.invalid(`${at}.name`, port.name, wrong)
      else if (names.has(port.name)) problems.duplicate(`${at}.name`, port.name)
      else names.add(port.name)
    }
    if (port.containerPort === undefined) problems.required(`${at}.containerPort`)
    else checkPortNumber(port.containerPort, `${at}.containerPort`, problems)
    problems.oneOf(`${at}.protocol`, port.protocol, protocols)
  }
}

/** A port by its number or, where a string is given, by its name. */
export function checkPort(port: number | string, field: string, problems: Problems): void {
  if (typeof port === 'number') checkPortNumber(port, field, problems)
  else {
    const wrong = portName(port)
    if (wrong) problems.invalid(field, port, wrong)
  }
}

export function checkPortNumber(port: number, field: string, problems: Problems): void {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) problems.invalid(field, port, outOfPortRange)
}

function checkEnvironment(variables: EnvVar[], field: string, problems: Problems): void {
  for (const [index, { name, value, valueFrom }] of variables.entries()) {
    const at = `${field}[${index}]`
    const wrong = name ? environmentName(name) : undefined
    if (!name) problems.required(`${at}.name`)
    else if (wrong) problems.invalid(`${at}.name`, name, wrong)
    if (value && valueFrom) problems.invalid(`${at}.valueFrom`, '', 'may not be specified when `value` is not empty')
  }
}

function checkResources(resources: ResourceRequirements | undefined, field: string, problems: Problems): void {
  for (const part of ['limits', 'requests'] as const) {
    for (const [name, quantity] of Object.entries(resources?.[part] ?? {})) {
      if (!quantityPattern.test(quantity))
        problems.invalid(
          `${field}.${part}[${name}]`,
          quantity,
          "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
        )
    }
  }
}

function checkMounts(container: Container, volumes: ReadonlySet<string>, at: string, problems: Problems): void {
  const paths = new Set<string>()
  for (const [index, { name, mountPath }] of (container.volumeMounts ?? []).entries()) {
    const field = `${at}.volumeMounts[${index}]`
    if (!volumes.has(name)) problems.notFound(`${field}.name`, name)
    if (!mountPath) problems.required(`${field}.mountPath`)
    else if (paths.has(mountPath)) problems.invalid(`${field}.mountPath`, mountPath, 'must be unique')
    paths.add(mountPath)
  }
}

type ProbeKind = 'livenessProbe' | 'readinessProbe' | 'startupProbe'

function checkProbe(probe: Probe, kind: ProbeKind, field: string, problems: Problems): void {
  const { httpGet, tcpSocket, exec, grpc } = probe
  const handlers = [httpGet, tcpSocket, exec, grpc].filter((handler) => handler !== undefined)
  if (handlers.length === 0) problems.required(field, 'must specify a handler type')
  if (handlers.length > 1) problems.forbidden(field, 'may not specify more than 1 handler type')
  if (httpGet) {
    checkHandlerPort(httpGet.port, `${field}.httpGet.port`, problems)
    problems.oneOf(`${field}.httpGet.scheme`, httpGet.scheme, schemes)
  }
  if (tcpSocket) checkHandlerPort(tcpSocket.port, `${field}.tcpSocket.port`, problems)
  if (exec && !exec.command?.length) problems.required(`${field}.exec.command`)
  for (const name of [
    'initialDelaySeconds',
    'timeoutSeconds',
    'periodSeconds',
    'successThreshold',
    'failureThreshold',
  ] as const) {
    problems.notNegative(`${field}.${name}`, probe[name])
  }
  if (kind !== 'readinessProbe' && probe.successThreshold !== 1) {
    problems.invalid(`${field}.successThreshold`, probe.successThreshold, 'must be 1')
  }
}

function checkHandlerPort(port: number | string | undefined, field: string, problems: Problems): void {
  if (port === undefined) problems.required(field)
  else checkPort(port, field, problems)
}
