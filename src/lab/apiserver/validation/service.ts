import { isIP } from 'node:net'
import type { ServicePort, ServiceSpec } from 'kubernetes-types/core/v1.d.ts'
import { checkLabels } from './metadata.ts'
import { dnsLabel } from './names.ts'
import { checkPort, checkPortNumber, protocols } from './pod-spec.ts'
import type { Problems } from './problems.ts'

const serviceTypes = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']
const affinities = ['ClientIP', 'None']

export function checkService(spec: ServiceSpec, problems: Problems): void {
  const ports = spec.ports ?? []
  problems.oneOf('spec.type', spec.type, serviceTypes)
  problems.oneOf('spec.sessionAffinity', spec.sessionAffinity, affinities)
  checkLabels(spec.selector, 'spec.selector', problems)
  const headless = spec.clusterIP === 'None'
  if (spec.type === 'ExternalName') {
    if (!spec.externalName) problems.required('spec.externalName')
  } else if (!headless && ports.length === 0) problems.required('spec.ports')
  if (spec.clusterIP && !headless && !isIP(spec.clusterIP)) {
    problems.invalid('spec.clusterIPs[0]', spec.clusterIP, 'must be empty, "None", or a valid IP address')
  }
  checkPorts(ports, problems)
}

export function checkServiceUpdate(spec: ServiceSpec, previous: ServiceSpec, problems: Problems): void {
  const hadAddress = previous.type !== 'ExternalName' && previous.clusterIP
  if (spec.type !== 'ExternalName' && hadAddress && spec.clusterIP !== previous.clusterIP) {
    problems.invalid('spec.clusterIPs[0]', [spec.clusterIP ?? ''], 'may not change once set')
  }
}

function checkPorts(ports: readonly ServicePort[], problems: Problems): void {
  const names = new Set<string>()
  const numbers = new Set<string>()
  for (const [index, port] of ports.entries()) {
    const at = `spec.ports[${index}]`
    checkPortName(port, ports.length > 1, names, at, problems)
    if (port.port === undefined) problems.required(`${at}.port`)
    else checkPortNumber(port.port, `${at}.port`, problems)
    problems.oneOf(`${at}.protocol`, port.protocol, protocols)
    if (port.targetPort !== undefined) checkPort(port.targetPort, `${at}.targetPort`, problems)
    const number = `${port.protocol} ${port.port}`
    if (numbers.has(number)) problems.duplicate(at, { protocol: port.protocol, port: port.port })
    numbers.add(number)
  }
}

function checkPortName(
  { name }: ServicePort,
  required: boolean,
  names: Set<string>,
  at: string,
  problems: Problems,
): void {
  if (!name) {
    if (required) problems.required(`${at}.name`)
    return
  }
  const wrong = dnsLabel(name)
  if (wrong) problems.invalid(`${at}.name`, name, wrong)
  else if (names.has(name)) problems.duplicate(`${at}.name`, name)
  names.add(name)
}
