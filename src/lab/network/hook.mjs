/**
 * Makes a Node process live in a pod of the lab: what listens on every address, or on the pod's, listens on the pod's
 * address on this machine alone, so that each pod can have the same ports; a call to an address of the lab (198.18.x.y)
 * goes to where it is on this machine (127.18.x.y) and comes from the pod's, so that who calls is known; the names of the
 * services that the environment tells of work as they do in a cluster; and the process ends when the lab does.
 *
 * It is loaded by `NODE_OPTIONS=--import` into every Node process of a pod, with the user's programs and in whatever
 * version of Node (18 and newer) they run: it uses nothing but Node, exports nothing, and without `LAB_POD_ADDRESS` in
 * the environment does nothing. Programs that are not Node are not reached by it, nor is UDP.
 */
import net from 'node:net'
import { isMainThread } from 'node:worker_threads'

const { LAB_POD_ADDRESS: podAddress, LAB_POD_NAMESPACE: namespace, LAB_LIFELINE: lifeline } = process.env

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

/** A service by any of its names (`web`, `web.shop`, `web.shop.svc`, …), when the environment has it: its address. */
function serviceAddress(host) {
  const [name, inNamespace = namespace, svc = 'svc', ...domain] = typeof host === 'string' ? host.split('.') : []
  if (!name || inNamespace !== namespace || svc !== 'svc' || !['', 'cluster.local'].includes(domain.join('.')))
    return host
  return process.env[`${name.toUpperCase().replaceAll('-', '_')}_SERVICE_HOST`] ?? host
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
    if (!('port' in first) || first.path !== undefined) return args
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
  if (options.path !== undefined || options.port === undefined) return options
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

/** Ends this process when the lab does: a connection to it breaks. */
function endWithTheLab() {
  const colon = lifeline.lastIndexOf(':')
  const end = () => process.kill(process.pid, 'SIGKILL')
  const socket = net.connect({ host: lifeline.slice(0, colon), port: Number(lifeline.slice(colon + 1)) })
  socket.on('error', () => {})
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
  if (lifeline && isMainThread) endWithTheLab()
}
