import { messageOf } from '../../../support/errors.ts'
import { toFraction, toMilliseconds } from '../../../support/quantities.ts'
import type { ApiServerFault, Called, FaultSpec, PodSet, TrafficFault } from '../../faults.ts'
import { checkLabelSelector } from './label-selector.ts'
import type { Problems } from './problems.ts'

/** What a fault can be of: its effects, the fields that it must have, and those that it may have. */
const faultKinds: Record<keyof FaultSpec, { effects: readonly string[]; needs: string[]; takes?: string[] }> = {
  node: { effects: ['down', 'cutOff'], needs: ['name'] },
  process: { effects: ['kill', 'hang', 'crashLoop'], needs: ['pod'], takes: ['namespace', 'container'] },
  traffic: {
    effects: ['delay', 'throttle', 'errors', 'reset', 'blackHole'],
    needs: ['to'],
    takes: ['from', 'bothWays', 'share', 'delay', 'jitter', 'bytesPerSecond', 'status'],
  },
  endpoints: { effects: ['frozen'], needs: ['service'], takes: ['namespace'] },
  names: { effects: ['notFound', 'noAnswer'], needs: ['service'], takes: ['namespace'] },
  apiServer: { effects: ['delay', 'errors', 'dropWatches'], needs: [], takes: ['clients', 'share', 'delay', 'status'] },
}

/** What each effect on traffic needs and takes, of the fields that not all have. */
const trafficFields: Record<TrafficFault['effect'], { needs?: keyof TrafficFault; takes?: keyof TrafficFault }> = {
  delay: { needs: 'delay', takes: 'jitter' },
  throttle: { needs: 'bytesPerSecond' },
  errors: { needs: 'status' },
  reset: {},
  blackHole: {},
}
const particularFields = ['delay', 'jitter', 'bytesPerSecond', 'status'] as const

/** What people know from other engines of faults, and a lab cannot have: its pods are processes of this machine. */
const impossible: Readonly<Record<string, string>> = {
  cpu: 'its pods share the processors of this machine with it: a load on one would be a load on all, and on the measurement',
  memory: 'its pods share the memory of this machine with it, and it enforces no limits',
  disk: 'its pods share the disks of this machine',
  io: 'it has no file system of its own, in which reads and writes could fail',
  kernel: 'it has no kernel of its own',
  time: 'its pods share the clock of this machine',
  packetLoss:
    'its network are connections of this machine, which lose no packets; "reset", "blackHole" and "delay" are there',
}
const otherNames: Readonly<Record<string, keyof typeof impossible>> = {
  stress: 'cpu',
  clock: 'time',
  loss: 'packetLoss',
}

/** @throws nothing: what is wrong is added to the problems */
export function checkFault(spec: FaultSpec, problems: Problems): void {
  const given = Object.keys(spec)
  for (const field of given) if (!Object.hasOwn(faultKinds, field)) refuseUnknown(`spec.${field}`, field, problems)
  const [kind, ...others] = given.filter((field): field is keyof FaultSpec => Object.hasOwn(faultKinds, field))
  if (given.length === 0) problems.required('spec', `a fault is of one of ${Object.keys(faultKinds).join(', ')}`)
  if (kind === undefined) return
  if (others.length > 0)
    problems.forbidden(`spec.${others[0]}`, `a fault is of one thing, and this is of ${kind} already`)
  checkFields(kind, spec[kind] as unknown as Record<string, unknown>, problems)
  if (spec.traffic) checkTraffic(spec.traffic, problems)
  if (spec.apiServer) checkApiServer(spec.apiServer, problems)
}

function checkFields(kind: keyof FaultSpec, fields: Record<string, unknown>, problems: Problems): void {
  const { effects, needs, takes = [] } = faultKinds[kind]
  for (const field of needs) if (!fields[field]) problems.required(`spec.${kind}.${field}`)
  const known = ['effect', ...needs, ...takes]
  for (const field of Object.keys(fields)) {
    if (!known.includes(field)) problems.forbidden(`spec.${kind}.${field}`, `there are ${known.join(', ')}`)
  }
  const { effect } = fields
  if (typeof effect === 'string' && whyImpossible(effect)) refuseUnknown(`spec.${kind}.effect`, effect, problems)
  else problems.oneOf(`spec.${kind}.effect`, effect as string | undefined, effects)
}

function refuseUnknown(at: string, word: string, problems: Problems): void {
  const why = whyImpossible(word)
  if (why) {
    problems.forbidden(
      at,
      `CHAOS_LAB_CANNOT: a lab cannot have this fault: ${why}. On a cluster, an engine of faults can (Chaos Mesh)`,
    )
  } else problems.forbidden(at, `a fault is of one of ${Object.keys(faultKinds).join(', ')}`)
}

function whyImpossible(word: string): string | undefined {
  const plain = word.replace(/(Pressure|Stress|Load|Hog|Fill|Skew|Fault|Chaos)$/i, '')
  const name = otherNames[plain] ?? plain
  return Object.hasOwn(impossible, name) ? impossible[name] : undefined
}

function checkTraffic(fault: TrafficFault, problems: Problems): void {
  const { from, to, effect, bothWays, delay, jitter, share, status, bytesPerSecond } = fault
  if (from) checkPodSet(from, 'spec.traffic.from', problems)
  if (to) checkCalled(to, problems)
  if (bothWays && (!from || to?.service)) {
    problems.forbidden('spec.traffic.bothWays', 'it takes pods on both sides, "from" and "to"')
  }
  const { needs, takes } = trafficFields[effect] ?? {}
  for (const field of particularFields) {
    if (field === needs && fault[field] === undefined) problems.required(`spec.traffic.${field}`, `of "${effect}"`)
    if (field !== needs && field !== takes && fault[field] !== undefined) {
      problems.forbidden(`spec.traffic.${field}`, `"${effect}" does not take it`)
    }
  }
  checkRead('spec.traffic.delay', delay, toMilliseconds, problems)
  checkRead('spec.traffic.jitter', jitter, toMilliseconds, problems)
  checkRead('spec.traffic.share', share, toFraction, problems)
  checkStatus('spec.traffic.status', status, problems)
  if (bytesPerSecond !== undefined && bytesPerSecond < 1) {
    problems.invalid('spec.traffic.bytesPerSecond', bytesPerSecond, 'must be at least 1')
  }
}

function checkCalled(to: Called, problems: Problems): void {
  checkPodSet(to, 'spec.traffic.to', problems, ['service'])
  if (to.service && (to.pods || to.node)) {
    problems.forbidden('spec.traffic.to', 'it takes a service, or pods, or a node, and not two of them')
  }
}

function checkPodSet(set: PodSet, at: string, problems: Problems, others: readonly string[] = []): void {
  const known = ['namespace', 'pods', 'node', ...others]
  for (const field of Object.keys(set)) {
    if (!known.includes(field)) problems.forbidden(`${at}.${field}`, `there are ${known.join(', ')}`)
  }
  if (set.pods) checkLabelSelector(set.pods, `${at}.pods`, problems)
}

function checkApiServer({ effect, clients, delay, share, status }: ApiServerFault, problems: Problems): void {
  for (const [index, client] of (clients ?? []).entries()) {
    problems.oneOf(`spec.apiServer.clients[${index}]`, client, ['controllers', 'kubelets', 'proxy'])
  }
  if (effect === 'delay' && delay === undefined) problems.required('spec.apiServer.delay', 'of "delay"')
  if (effect === 'errors' && status === undefined) problems.required('spec.apiServer.status', 'of "errors"')
  checkRead('spec.apiServer.delay', delay, toMilliseconds, problems)
  checkRead('spec.apiServer.share', share, toFraction, problems)
  checkStatus('spec.apiServer.status', status, problems)
}

function checkStatus(at: string, status: number | undefined, problems: Problems): void {
  if (status !== undefined && !(status >= 400 && status <= 599)) {
    problems.invalid(at, status, 'must be between 400 and 599')
  }
}

function checkRead<T>(at: string, value: T | undefined, read: (value: T) => number, problems: Problems): void {
  if (value === undefined) return
  try {
    read(value)
  } catch (error) {
    problems.invalid(at, value, messageOf(error))
  }
}
