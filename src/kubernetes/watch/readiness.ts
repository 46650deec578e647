import type { ReadyCounts } from '../../journal/events.ts'
import { currentSession } from '../../session/session.ts'
import { within } from '../../support/deadline.ts'
import { endpoints, pods, services } from '../api/api-resources.ts'
import type { KubernetesClient } from '../api/client.ts'
import { formatSelector } from '../api/names.ts'
import type { EndpointAddress, Endpoints, ObjectReference, Pod, Workload } from '../api/resources.ts'
import { after, type Change, observeAll } from './observe.ts'
import { isReady } from './ready.ts'

/** What readiness is told of: a pod, or an address of a service. */
interface Member {
  /** What tells the pods of one version of a workload from those of another. */
  version: string
  isReady: boolean
}

/** Who is told of. Whoever begins to look at the same goes on in the place of this one. */
const looks = new Map<string, Look>()

interface Look {
  ending: AbortController
  /** The versions that were there first. */
  before?: ReadonlySet<string>
}

/** More services before the same pods are not told of. */
const mostServices = 4
/** An API that takes longer is not waited for. */
const firstLookMs = 1000

/**
 * Tells of the pods of a workload, and of who answers for the services before them, until the hypothesis (or the file)
 * has ended and its target is put back. It is for looking at: where the API cannot be asked, or does not allow it,
 * nothing is told and nothing fails.
 *
 * @returns when it has looked for the first time: what is there now is the version before
 */
export async function tellReadiness(client: KubernetesClient, subject: string, workload: Workload): Promise<void> {
  const { namespace } = workload.metadata
  const { selector, template } = workload.spec
  const query = { namespace, labelSelector: formatSelector(selector) }
  const seen = tell(subject, client, async function* (own) {
    for await (const found of all(observeAll(own, pods, query))) yield found.flatMap(memberOf)
  })
  const names = servicesBefore(client, namespace, template.metadata?.labels ?? {})
  const answered = names.then((found) => Promise.all(found.map((name) => tellService(client, { namespace, name }))))
  await inTime(Promise.allSettled([seen, answered]))
}

/** The same of who answers for a service. */
export async function tellEndpoints(client: KubernetesClient, service: ObjectReference): Promise<void> {
  await inTime(tellService(client, service))
}

async function tellService(client: KubernetesClient, { namespace, name }: ObjectReference): Promise<void> {
  const query = { namespace, fieldSelector: `metadata.name=${name}` }
  await tell(`service/${name}`, client, async function* (own) {
    for await (const [found] of all(observeAll(own, endpoints, query))) yield membersOf(found)
  })
}

async function inTime(work: Promise<unknown>): Promise<void> {
  await within(
    firstLookMs,
    () => new Error('not seen in time'),
    () => work,
  ).catch(() => undefined)
}

async function* all<T extends { metadata: { name: string } }>(changes: AsyncIterable<Change<T>>): AsyncIterable<T[]> {
  let known: ReadonlyMap<string, T> | undefined
  for await (const change of changes) {
    if ('error' in change) continue
    known = after(known, change)
    if (known) yield [...known.values()]
  }
}

/** @returns after the first look, or when there will be none */
async function tell(
  subject: string,
  client: KubernetesClient,
  look: (client: KubernetesClient) => AsyncIterable<Member[]>,
): Promise<void> {
  const { record, atEnd } = currentSession()
  const own: Look = { ...looks.get(subject), ending: new AbortController() }
  looks.get(subject)?.ending.abort()
  looks.set(subject, own)
  const first = Promise.withResolvers<void>()
  const telling = async () => {
    let last: string | undefined
    for await (const members of look(client.lookingOnly(own.ending.signal))) {
      own.before ??= new Set(members.map(({ version }) => version))
      const ready = countsOf(members, own.before)
      if (JSON.stringify(ready) !== last) record({ type: 'readiness-seen', subject, ready })
      last = JSON.stringify(ready)
      first.resolve()
    }
  }
  const told = telling()
    .catch(() => undefined)
    .finally(first.resolve)
  atEnd(async () => {
    own.ending.abort()
    if (looks.get(subject) === own) looks.delete(subject)
    await told
  })
  await first.promise
}

function countsOf(members: readonly Member[], before: ReadonlySet<string>): ReadyCounts {
  const ready = members.filter(({ isReady }) => isReady)
  const known = ready.filter(({ version }) => before.has(version)).length
  return { before: known, later: ready.length - known, notReady: members.length - ready.length }
}

/** The labels by which the controllers tell the pods of one version from those of another. */
const versionLabels = ['pod-template-hash', 'controller-revision-hash']

/** A pod that is ending belongs to nobody any more. */
function memberOf(pod: Pod): Member[] {
  const { deletionTimestamp, labels } = pod.metadata
  if (deletionTimestamp) return []
  const version = versionLabels.map((label) => labels?.[label]).find(Boolean) ?? ''
  return [{ version, isReady: isReady(pod) }]
}

function membersOf({ subsets = [] }: Partial<Endpoints> = {}): Member[] {
  const members = (addresses: EndpointAddress[] = [], isReady: boolean) =>
    addresses.map((address) => ({ version: versionIn(address), isReady }))
  return subsets.flatMap(({ addresses, notReadyAddresses }) => [
    ...members(addresses, true),
    ...members(notReadyAddresses, false),
  ])
}

/** Endpoints name the pod, whose name is that of its ReplicaSet and a word of its own: other pods tell no version. */
function versionIn({ targetRef }: EndpointAddress): string {
  return targetRef?.name?.replace(/-[^-]+$/, '') ?? ''
}

/** The services whose users come to pods with these labels. */
async function servicesBefore(
  client: KubernetesClient,
  namespace: string,
  labels: Readonly<Record<string, string>>,
): Promise<string[]> {
  const { items } = await client.lookingOnly(client.signal).list(services, { namespace })
  return items
    .filter(({ spec }) => {
      const selector = Object.entries(spec?.selector ?? {})
      return selector.length > 0 && selector.every(([key, value]) => labels[key] === value)
    })
    .flatMap(({ metadata }) => metadata?.name ?? [])
    .slice(0, mostServices)
}
