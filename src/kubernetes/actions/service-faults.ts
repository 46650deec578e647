import type { FaultSpec, NamesFault, TrafficFault } from '../../lab/index.ts'
import { ChaosError } from '../../support/errors.ts'
import {
  type ByteRate,
  type Duration,
  formatFraction,
  formatMilliseconds,
  type Ratio,
  toBytesPerSecond,
  toFraction,
  toMilliseconds,
} from '../../support/quantities.ts'
import type { KubernetesClient } from '../api/client.ts'
import type { ObjectReference } from '../api/resources.ts'
import type { Impact } from '../changes/impact.ts'
import { bringAbout } from './lab-faults.ts'
import type { PodGroup } from './pod-group.ts'

/** Which connections to a service are hit. */
export interface TrafficFaultOptions {
  /** Only those that come from these pods: `kubernetes.deployment('service1')`. @default from everybody */
  from?: PodGroup
  /** How many of them, by chance, and each for as long as it lives. @default '100%' */
  share?: Ratio
}

export interface DelayOptions extends TrafficFaultOptions {
  /** How much more or less it may be, by chance. @default '0ms' */
  jitter?: Duration
}

export interface ErrorsOptions {
  from?: PodGroup
  /** How many requests, by chance. @default '100%' */
  share?: Ratio
  /** What they are answered: 400 to 599. @default 503 */
  status?: number
}

/** What connections to a service suffer. */
export type TrafficEffect = Pick<TrafficFault, 'effect' | 'delay' | 'jitter' | 'bytesPerSecond' | 'status'>

/** A service that is to suffer, as it was found. */
export interface HitService {
  reference: ObjectReference
  impact: Impact
}

/** In words, what an effect does to a service: `delay service/web by 300 ms`. */
const words: Record<TrafficEffect['effect'], (subject: string, effect: TrafficEffect) => string> = {
  delay: (subject, { delay = 0, jitter = 0 }) => {
    const giveOrTake = jitter === 0 ? '' : ` ± ${formatMilliseconds(toMilliseconds(jitter))}`
    return `delay ${subject} by ${formatMilliseconds(toMilliseconds(delay))}${giveOrTake}`
  },
  throttle: (subject, { bytesPerSecond = 0 }) => `throttle ${subject} to ${bytesPerSecond} bytes a second`,
  errors: (subject, { status }) => `answer requests to ${subject} with ${status}`,
  reset: (subject) => `reset connections to ${subject}`,
  blackHole: (subject) => `lead connections to ${subject} into a black hole`,
}

/** What connections suffer by each method of a handle. @throws CHAOS_BAD_… (usage) what cannot be read */
export const trafficEffects = {
  delay(delay: Duration, jitter: Duration = 0): TrafficEffect {
    toMilliseconds(delay)
    toMilliseconds(jitter)
    return { effect: 'delay', delay, ...(jitter === 0 ? {} : { jitter }) }
  },
  throttle: (rate: ByteRate): TrafficEffect => ({ effect: 'throttle', bytesPerSecond: toBytesPerSecond(rate) }),
  errors: (status: number): TrafficEffect => ({ effect: 'errors', status }),
  reset: (): TrafficEffect => ({ effect: 'reset' }),
  blackHole: (): TrafficEffect => ({ effect: 'blackHole' }),
}

/** Has the connections to a service suffer something, until the rollback. */
export async function disturbService(
  client: KubernetesClient,
  { reference, impact }: HitService,
  effect: TrafficEffect,
  { from, share }: TrafficFaultOptions,
): Promise<void> {
  const fraction = share === undefined ? 1 : toFraction(share)
  const callers = await from?.podSet(client, effect.effect)
  const subject = `service/${reference.name}`
  const notAll = fraction === 1 ? '' : ` (${formatFraction(fraction)})`
  const whose = callers === undefined ? '' : ` from ${callers.description}`
  await bringAbout(client, {
    title: `${words[effect.effect](subject, effect)}${notAll}${whose}`,
    specs: [
      {
        traffic: {
          ...(callers ? { from: callers.set } : {}),
          to: { namespace: reference.namespace, service: reference.name },
          ...effect,
          ...(share === undefined ? {} : { share }),
        },
      },
    ],
    impact,
  })
}

/** Has the network hear of no changes of who answers for a service, until the rollback. */
export async function freezeEndpoints(
  client: KubernetesClient,
  { reference: { namespace, name }, impact: { objects } }: HitService,
): Promise<void> {
  const spec: FaultSpec = { endpoints: { namespace, service: name, effect: 'frozen' } }
  // It takes nothing from anybody by itself.
  await bringAbout(client, { title: `freeze the endpoints of service/${name}`, specs: [spec], impact: { objects } })
}

/** Has the name of a service fail, until the rollback. */
export async function loseName(
  client: KubernetesClient,
  { reference: { namespace, name }, impact: { objects } }: HitService,
  effect: NamesFault['effect'],
): Promise<void> {
  const fails = effect === 'notFound' ? 'not be found' : 'get no answer'
  const spec: FaultSpec = { names: { namespace, service: name, effect } }
  await bringAbout(client, { title: `have the name of service/${name} ${fails}`, specs: [spec], impact: { objects } })
}

/** What is encrypted cannot be answered on its way. */
export function notHttp(name: string): ChaosError {
  return new ChaosError(
    'CHAOS_NOT_HTTP',
    `errors: service/${name} speaks https, in which nobody on the way can answer. Nothing was done. Use reset(), delay() or blackHole().`,
  )
}
