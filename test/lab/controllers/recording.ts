import { readFileSync } from 'node:fs'
import type { Deployment, ReplicaSet } from 'kubernetes-types/apps/v1.d.ts'
import type { Endpoints } from 'kubernetes-types/core/v1.d.ts'
import { expect } from 'vitest'
import { type ApiClient, deployments, Informer, replicaSets } from '../../../src/lab/client/index.ts'

/** The state of an object, written as one line. */
export interface Told {
  /** As in `deployment web`; a ReplicaSet, whose name is chance, by the image of its pods. */
  object: string
  state: string
}

/** With the time, in seconds since the recording began. */
interface Entry extends Told {
  t: number
}

/** The states that an object went through. */
export interface Sequence {
  inFull: string[]
  /** Without those that lived shorter than is compared. */
  lasting: string[]
}

/** By object. */
export type Sequences = Record<string, Sequence>

/** States that live shorter depend on which of two writers came first, on a real cluster too. */
const shortestStateSeconds = 0.15

/** Resolves when the present state has lasted long enough to be compared. */
export function lasting(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1000 * shortestStateSeconds + 50))
}

/** Fails unless each lasting state of one is among the states of the other, in its place. */
export function expectAlike(observed: Sequence | undefined, expected: Sequence | undefined): void {
  expect(foundInOrder(expected?.lasting, observed?.inFull)).toEqual(expected?.lasting)
  expect(foundInOrder(observed?.lasting, expected?.inFull)).toEqual(observed?.lasting)
}

/** Those of `wanted` that are in `all`, up to the first that does not come after the one before it. */
function foundInOrder(wanted: readonly string[] = [], all: readonly string[] = []): string[] {
  let from = 0
  const missing = wanted.findIndex((state) => {
    const index = all.indexOf(state, from)
    from = index + 1
    return index < 0
  })
  return wanted.slice(0, missing < 0 ? wanted.length : missing)
}

/** The sequences of the rollouts of some versions in a recording of a real control plane. */
export function readRecording(file: URL, versions: readonly string[]): Sequences {
  const lines = readFileSync(file, 'utf8').trim().split('\n')
  const entries: Entry[] = []
  let offset = 0
  let isWanted = true
  for (const line of lines) {
    const record: Record<string, string | number | undefined> = JSON.parse(line)
    if (record.k === '=== rollout') {
      isWanted = versions.includes(String(record.v))
      offset += 1000
    }
    if (!isWanted) continue
    const t = offset + Number(record.t)
    if (record.k === 'dep' && record.gen === record.obs) {
      entries.push({ t, object: 'deployment web', state: deploymentState(record) })
    } else if (record.k === 'rs') {
      const { img, spec, st, rd, av, rev, hist } = record
      const state = replicaSetState({ spec, replicas: st, ready: rd, available: av, revision: rev, history: hist })
      entries.push({ t, object: `ReplicaSet of ${img}`, state })
    }
  }
  return sequencesOf(entries)
}

/** Records what the API tells of a namespace, until `stop()`. */
export async function record(client: ApiClient, namespace: string): Promise<{ stop(): Promise<Sequences> }> {
  const entries: Entry[] = []
  const begin = performance.now()
  const note = (told: Told | undefined) => {
    if (told) entries.push({ t: (performance.now() - begin) / 1000, ...told })
  }
  const deploymentInformer = new Informer(client, deployments, { namespace })
  const replicaSetInformer = new Informer(client, replicaSets, { namespace })
  deploymentInformer.onChange((_, current) => note(current && stateOfDeployment(current)))
  replicaSetInformer.onChange((_, current) => note(current && stateOfReplicaSet(current)))
  for (const informer of [deploymentInformer, replicaSetInformer]) {
    informer.start()
    await informer.synced
  }
  return {
    async stop() {
      await Promise.all([deploymentInformer.stop(), replicaSetInformer.stop()])
      return sequencesOf(entries)
    },
  }
}

function sequencesOf(entries: readonly Entry[]): Sequences {
  const byObject = Object.groupBy(entries, ({ object }) => object)
  return Object.fromEntries(Object.entries(byObject).map(([object, own = []]) => [object, sequenceOf(own)]))
}

function sequenceOf(entries: readonly Entry[]): Sequence {
  const distinct = entries.filter(({ state }, index) => state !== entries[index - 1]?.state)
  const isLasting = ({ t }: Entry, index: number) => (distinct[index + 1]?.t ?? t + 1) - t >= shortestStateSeconds
  return { inFull: changes(distinct), lasting: changes(distinct.filter(isLasting)) }
}

function changes(entries: readonly Entry[]): string[] {
  const states = entries.map(({ state }) => state)
  return states.filter((state, index) => state !== states[index - 1])
}

type Value = string | number | undefined

function deploymentState({ rev, r, u, rd, a, un, prog, avail }: Record<string, Value>): string {
  return `revision ${rev}: replicas ${r} updated ${u} ready ${rd} available ${a} unavailable ${un}, ${prog}, ${avail}`
}

function replicaSetState({ spec, replicas, ready, available, revision, history = '' }: Record<string, Value>): string {
  return `spec ${spec} status ${replicas} ready ${ready} available ${available} revision ${revision} history ${history}`
}

/** What the deployment controller says of a specification that it has seen. */
export function stateOfDeployment({ metadata, status = {} }: Deployment): Told | undefined {
  if (status.observedGeneration !== metadata?.generation) return undefined
  const condition = (type: string) => {
    const found = status.conditions?.find((one) => one.type === type)
    return `${found?.status?.slice(0, 1)}:${found?.reason}`
  }
  const state = deploymentState({
    rev: metadata?.annotations?.['deployment.kubernetes.io/revision'],
    r: status.replicas ?? 0,
    u: status.updatedReplicas ?? 0,
    rd: status.readyReplicas ?? 0,
    a: status.availableReplicas ?? 0,
    un: status.unavailableReplicas ?? 0,
    prog: condition('Progressing'),
    avail: condition('Available'),
  })
  return { object: `deployment ${metadata?.name}`, state }
}

export function stateOfReplicaSet({ metadata, spec, status }: ReplicaSet): Told {
  const annotation = (name: string) => metadata?.annotations?.[`deployment.kubernetes.io/${name}`]
  const image = spec?.template?.spec?.containers[0]?.image?.split(':')[1] ?? ''
  const { replicas = 0, readyReplicas = 0, availableReplicas = 0 } = status ?? {}
  const state = replicaSetState({
    spec: spec?.replicas,
    replicas,
    ready: readyReplicas,
    available: availableReplicas,
    revision: annotation('revision'),
    history: annotation('revision-history'),
  })
  return { object: `ReplicaSet of ${image}`, state }
}

export function stateOfEndpoints({ metadata, subsets = [] }: Endpoints): Told {
  const count = (kind: 'addresses' | 'notReadyAddresses') => subsets.flatMap((subset) => subset[kind] ?? []).length
  const state = `ready ${count('addresses')} not ready ${count('notReadyAddresses')}`
  return { object: `endpoints ${metadata?.name}`, state }
}
