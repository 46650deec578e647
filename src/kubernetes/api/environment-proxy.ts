import { BlockList, isIP } from 'node:net'

/**
 * The proxy that the environment names for a server, by the rules of Go's `httpproxy`, which kubectl follows: HTTPS_PROXY
 * or HTTP_PROXY, but for the hosts of NO_PROXY and this machine itself.
 *
 * @returns the URL of the proxy; undefined when the server is called directly
 */
export function proxyByEnvironment(server: string, env: NodeJS.ProcessEnv = process.env): string | undefined {
  const { protocol, hostname, port } = new URL(server)
  const name = protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY'
  const proxy = variable(name, env)
  const host = hostname.replace(/^\[|\]$/g, '')
  if (!proxy || isThisMachine(host)) return undefined
  const exceptions = variable('NO_PROXY', env)
    .split(',')
    .map((text) => text.trim().toLowerCase())
  const at = { host: host.toLowerCase(), port: port || (protocol === 'https:' ? '443' : '80') }
  if (exceptions.some((exception) => matches(exception, at))) return undefined
  return proxy.includes('://') ? proxy : `http://${proxy}`
}

function variable(name: string, env: NodeJS.ProcessEnv): string {
  return env[name] || env[name.toLowerCase()] || ''
}

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

/** Whether a host is this machine, whatever the network looks like. */
export function isThisMachine(host: string): boolean {
  return host === 'localhost' || (isIP(host) > 0 && loopback.check(host, familyOf(host)))
}

/** Whether an entry of NO_PROXY is about a host: `*`, an address, a network (CIDR), or a domain, each but `*` with a port or without. */
function matches(exception: string, { host, port }: { host: string; port: string }): boolean {
  if (exception === '*') return true
  const [, name = exception, onPort] = /^(.*[^:]):(\d+)$/.exec(isIP(exception) ? '' : exception) ?? []
  if (name === '' || (onPort !== undefined && onPort !== port)) return false
  if (isIP(host)) return name === host || isInNetwork(host, name)
  const domain = name.replace(/^\*/, '')
  return domain.startsWith('.') ? host.endsWith(domain) : host === domain || host.endsWith(`.${domain}`)
}

function isInNetwork(address: string, network: string): boolean {
  const [base = '', bits] = network.split('/')
  if (bits === undefined || isIP(base) !== isIP(address)) return false
  const list = new BlockList()
  list.addSubnet(base, Number(bits), familyOf(base))
  return list.check(address, familyOf(address))
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4'
}
