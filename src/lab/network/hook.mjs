/**
 * Makes a Node process live in a pod of the lab: what listens on every address, or on the pod's, listens on the pod's
 * address on this machine alone, so that each pod can have the same ports; a call to an address of the lab (198.18.x.y)
 * goes to where it is on this machine (127.18.x.y) and comes from the pod's, so that who calls is known; the names of
 * services work as they do in a cluster, and fail when the lab says so; and the process ends when the lab does.
 *
 * It is loaded by `NODE_OPTIONS=--import` into every Node process of a pod, with the user's programs and in whatever
 * version of Node (18 and newer) they run: it uses nothing but Node, exports nothing, and without `LAB_POD_ADDRESS` in
 * the environment does nothing. Programs that are not Node are not reached by it, nor is UDP.
 */
import dns from 'node:dns'
import { syncBuiltinESMExports } from 'node:module'
import net from 'node:net'
import { isMainThread } from 'node:worker_threads'

const {
  LAB_POD_ADDRESS: podAddress,
  LAB_POD_NAMESPACE: namespace,
  LAB_LIFELINE: lifeline,
  LAB_NAMES: nameServer,
} = process.env

const longestWaitForNamesMs = 1000
const UNSPECIFIED = new Set(['', '0.0.0.0', '::', '::0', '0:0:0:0:0:0:0:0', '[::]'])

/** Where an address of the lab is on this machine. Any other is itself. */
function loopbackAddress(host) {
  return typeof host === 'string' && host.startsWith('198.18.') ? `127.${host.slice('198.'.length)}` : host
}

function isLabAddress(host) {
  return typeof host === 'string' && host.startsWith('127.18.')
}

/** Where to listen instead. */
function listenHost(host) {
  return host === undefined || host === null || UNSPECIFIED.has(host) ? podAddress : loopbackAddress(host)
}

/** What the lab says of the names of services (`web.shop`): `{ address }`, or `{ error }`, the code of one. */
let names = {}

/** What the lab says of a service, by any of its names (`web`, `web.shop`, `web.shop.svc`, …); undefined: it is none. */
function serviceNamed(host) {
  if (typeof host !== 'string' || net.isIP(host)) return undefined
  const plain = host.toLowerCase().replace(/\.$/, '')
  const [name, inNamespace = namespace, svc = 'svc', ...domain] = plain.split('.')
  if (!name || svc !== 'svc' || !['', 'cluster.local'].includes(domain.join('.'))) return undefined
  const key = `${name}.${inNamespace}`
  if (nameServer) return Object.hasOwn(names, key) ? names[key] : undefined
  if (inNamespace !== namespace) return undefined
  const address = process.env[`${name.toUpperCase().replaceAll('-', '_')}_SERVICE_HOST`]
  return address === undefined ? undefined : { address }
}

/** A service by any of its names: its address. */
function serviceAddress(host) {
  return serviceNamed(host)?.address ?? host
}

/** As `getaddrinfo` fails. */
function lookupError(code, hostname) {
  return Object.assign(new Error(`getaddrinfo ${code} ${hostname}`), { code, syscall: 'getaddrinfo', hostname })
}

/** What a service comes to for `dns.lookup`: as many addresses as were asked for. @throws as it fails */
function lookupService({ address, error }, hostname, options) {
  if (error) throw lookupError(error, hostname)
  const { all = false, family = 0 } = typeof options === 'object' && options !== null ? options : { family: options }
  if (family === 6 || family === 'IPv6') throw lookupError('ENOTFOUND', hostname)
  return all ? [[{ address, family: 4 }]] : [address, 4]
}

/** `listen('/path')`, unlike `listen('8000')`, is no port. */
function isPath(first) {
  return typeof first === 'string' && !(Number(first) >= 0)
}

/** The arguments of `listen`, in any of its forms, with the host in its place. Paths, handles and descriptors stay. */
function listenArguments(args) {
  const [first, second] = args
  if (isPath(first)) return args
  if (typeof first === 'object' && first !== null) {
    if (!('port' in first) || typeof first.path === 'string') return args
    return [{ ...first, host: listenHost(first.host) }, ...args.slice(1)]
  }
  if (typeof first === 'function' || args.length === 0) return [0, podAddress, ...args]
  const rest = args.slice(1)
  return typeof second === 'string'
    ? [first, listenHost(second), ...rest.slice(1)]
    : [first, podAddress, ...dropEmpty(rest)]
}

/** `listen(8000, undefined, …)` and `listen(8000, null, …)` leave out the host. */
function dropEmpty(args) {
  return args.length > 0 && (args[0] === undefined || args[0] === null) ? args.slice(1) : args
}

/** The options of `connect`, with the host in its place. */
function connectOptions(options) {
  // The agents of HTTP say that there is no path by null.
  if (typeof options.path === 'string' || options.port === undefined) return options
  const host = loopbackAddress(serviceAddress(options.host))
  if (!isLabAddress(host)) return options
  return { ...options, host, localAddress: options.localAddress ?? podAddress }
}

/** The arguments of `connect`: options, a port and perhaps a host, or both as `net.connect` has put them into one list. */
function connectArguments(args) {
  const [first, second] = args
  if (Array.isArray(first)) {
    first[0] = connectOptions(first[0])
    return args
  }
  if (typeof first === 'object' && first !== null) return [connectOptions(first), ...args.slice(1)]
  if (isPath(first) || typeof second !== 'string') return args
  return [connectOptions({ port: first, host: second }), ...args.slice(2)]
}

/** `dns.lookup`, by which whoever connects finds addresses, knows services. */
function lookUpServices() {
  const { lookup } = dns
  dns.lookup = function lookupInCluster(hostname, options, callback) {
    const service = serviceNamed(hostname)
    const done = typeof options === 'function' ? options : callback
    if (!service || typeof done !== 'function') return lookup.call(dns, hostname, options, callback)
    process.nextTick(() => {
      let found
      try {
        found = lookupService(service, hostname, options)
      } catch (error) {
        done(error)
        return
      }
      done(null, ...found)
    })
    return {}
  }
  const { lookup: lookupPromised } = dns.promises
  dns.promises.lookup = async function lookupInCluster(hostname, options) {
    const service = serviceNamed(hostname)
    if (!service) return lookupPromised.call(dns.promises, hostname, options)
    const [found, family] = lookupService(service, hostname, options)
    return family === undefined ? found : { address: found, family }
  }
  syncBuiltinESMExports()
}

function connectTo(address) {
  const colon = address.lastIndexOf(':')
  const socket = net.connect({ host: address.slice(0, colon), port: Number(address.slice(colon + 1)) })
  socket.on('error', () => {})
  return socket
}

/** Has the names that the lab tells. Resolves when it has the first; a lab that is slow to tell them is not waited for. */
async function followNames() {
  const socket = connectTo(nameServer).setEncoding('utf8')
  let rest = ''
  await new Promise((resolve) => {
    const timer = setTimeout(resolve, longestWaitForNamesMs)
    const done = () => {
      clearTimeout(timer)
      resolve()
    }
    socket.on('close', done)
    socket.on('data', (text) => {
      const lines = (rest + text).split('\n')
      rest = lines.pop()
      if (lines.length === 0) return
      const told = JSON.parse(lines.at(-1))
      names = told.names
      socket.write(`${told.version}\n`)
      done()
    })
  })
  socket.unref()
}

/** Ends this process when the lab does: a connection to it breaks. */
function endWithTheLab() {
  const end = () => process.kill(process.pid, 'SIGKILL')
  const socket = connectTo(lifeline)
  socket.on('end', end)
  socket.on('close', end)
  socket.resume()
  socket.unref()
}

if (podAddress) {
  const { listen } = net.Server.prototype
  net.Server.prototype.listen = function listenInPod(...args) {
    return listen.apply(this, listenArguments(args))
  }
  const { connect } = net.Socket.prototype
  net.Socket.prototype.connect = function connectFromPod(...args) {
    return connect.apply(this, connectArguments(args))
  }
  lookUpServices()
  if (lifeline && isMainThread) endWithTheLab()
  if (nameServer) await followNames()
}
