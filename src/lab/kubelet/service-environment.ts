import type { Service } from 'kubernetes-types/core/v1.d.ts'
import { loopbackAddress } from '../addresses.ts'

/**
 * The variables by which a pod finds the services that were there before it: `WEB_SERVICE_HOST`, `WEB_SERVICE_PORT`,
 * `WEB_SERVICE_PORT_HTTP` for a named port, and the older `WEB_PORT`, `WEB_PORT_8000_TCP`, `…_PROTO`, `…_PORT`, `…_ADDR`.
 * Addresses are those on this machine, so that a program in any language can connect to them.
 *
 * @see https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
 */
export function serviceEnvironment(services: readonly Service[]): Record<string, string> {
  return Object.assign({}, ...services.map(variablesOf))
}

/** The service by which pods find the API server itself, made of its address (`https://127.18.67.1:6443`). */
export function apiServerService(server: string): Service {
  const { hostname, port } = new URL(server)
  return {
    metadata: { name: 'kubernetes', namespace: 'default' },
    spec: { clusterIP: hostname, ports: [{ name: 'https', protocol: 'TCP', port: Number(port || 443) }] },
  }
}

function variablesOf({ metadata, spec }: Service): Record<string, string> {
  const [first] = spec?.ports ?? []
  if (!spec?.clusterIP || spec.clusterIP === 'None' || !first) return {}
  const host = loopbackAddress(spec.clusterIP)
  const prefix = variableName(metadata?.name ?? '')
  const variables: Record<string, string> = {
    [`${prefix}_SERVICE_HOST`]: host,
    [`${prefix}_SERVICE_PORT`]: String(first.port),
    [`${prefix}_PORT`]: `${(first.protocol ?? 'TCP').toLowerCase()}://${host}:${first.port}`,
  }
  for (const { name, port, protocol = 'TCP' } of spec.ports ?? []) {
    if (name) variables[`${prefix}_SERVICE_PORT_${variableName(name)}`] = String(port)
    const link = `${prefix}_PORT_${port}_${protocol.toUpperCase()}`
    variables[link] = `${protocol.toLowerCase()}://${host}:${port}`
    variables[`${link}_PROTO`] = protocol.toLowerCase()
    variables[`${link}_PORT`] = String(port)
    variables[`${link}_ADDR`] = host
  }
  return variables
}

function variableName(name: string): string {
  return name.toUpperCase().replaceAll('-', '_')
}
