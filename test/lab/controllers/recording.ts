import { readFileSync } from 'node:fs'
import type { Deployment, ReplicaSet } from 'kubernetes-types/apps/v1.d.ts'
import { type ApiClient, deployments, Informer, replicaSets } from '../../../src/lab/client/index.ts'

/** One state of an object, at a time in seconds since the rollout began. */
interface Entry {
  t: number
  kind: 'dep' | 'rs'
  /** The tag of the image: of a ReplicaSet only. */
  image: string
  state: string
  /** Whether the deployment controller had seen the specification. */
  observed: boolean
}

/** The states that objects went through, each written as one line. */
export interface Sequences {
  deployment: string[]
  /** With those that lived shorter than is compared. */
  deploymentInFull: string[]
  /** By image tag. */
  replicaSets: Record<string, string[]>
}

/** States of a deployment that live shorter depend on which of two writers came first, on a real cluster too. */
export const shortestStateSeconds = 0.15

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
    if (!isWanted || (record.k !== 'dep' && record.k !== 'rs')) continue
    const t = offset + Number(record.t)
    entries.push({
      t,
      kind: record.k,
      image: String(record.img ?? ''),
      state:
        record.k === 'dep'
          ? deploymentState(record)
          : `spec ${record.spec} status ${record.st} ready ${record.rd} available ${record.av} revision ${record.rev} history ${record.hist ?? ''}`,
      observed: record.gen === record.obs,
    })
  }
  return sequencesOf(entries)
}

/** Records what the API tells, until `stop()`. */
export async function record(client: ApiClient): Promise<{ stop(): Promise<Sequences> }> {
  const entries: Entry[] = []
  const begin = performance.now()
  const now = () => (performance.now() - begin) / 1000
  const deploymentInformer = new Informer(client, deployments)
  const replicaSetInformer = new Informer(client, replicaSets)
  deploymentInformer.onChange((_, current) => {
    if (current) entries.push({ t: now(), kind: 'dep', image: '', ...stateOfDeployment(current) })
  })
  replicaSetInformer.onChange((_, current) => {
    if (current) entries.push({ t: now(), kind: 'rs', observed: true, ...stateOfReplicaSet(current) })
  })
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
  const deployment = entries.filter(({ kind }) => kind === 'dep')
  const lasting = deployment.filter(({ t }, index) => (deployment[index + 1]?.t ?? t + 1) - t >= shortestStateSeconds)
  const byImage = Object.groupBy(
    entries.filter(({ kind }) => kind === 'rs'),
    ({ image }) => image,
  )
  return {
    deployment: changes(lasting.filter(({ observed }) => observed)),
    deploymentInFull: changes(deployment.filter(({ observed }) => observed)),
    replicaSets: Object.fromEntries(Object.entries(byImage).map(([image, own = []]) => [image, changes(own)])),
  }
}

function changes(entries: readonly Entry[]): string[] {
  const states = entries.map(({ state }) => state)
  return states.filter((state, index) => state !== states[index - 1])
}

/** Those of `wanted` that are in `all`, up to the first that does not come after the one before it. */
export function foundInOrder(wanted: readonly string[], all: readonly string[]): string[] {
  let from = 0
  const missing = wanted.findIndex((state) => {
    const index = all.indexOf(state, from)
    from = index + 1
    return index < 0
  })
  return wanted.slice(0, missing < 0 ? wanted.length : missing)
}

function deploymentState(state: Record<string, string | number | undefined>): string {
  const { rev, r, u, rd, a, un, prog, avail } = state
  return `revision ${rev}: replicas ${r} updated ${u} ready ${rd} available ${a} unavailable ${un}, ${prog}, ${avail}`
}

function stateOfDeployment({ metadata, status = {} }: Deployment): Pick<Entry, 'state' | 'observed'> {
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
  return { state, observed: status.observedGeneration === metadata?.generation }
}

function stateOfReplicaSet({ metadata, spec, status }: ReplicaSet): Pick<Entry, 'state' | 'image'> {
  const annotation = (name: string) => metadata?.annotations?.[`deployment.kubernetes.io/${name}`]
  const image = spec?.template?.spec?.containers[0]?.image?.split(':')[1] ?? ''
  const { replicas = 0, readyReplicas = 0, availableReplicas = 0 } = status ?? {}
  return {
    image,
    state: `spec ${spec?.replicas} status ${replicas} ready ${readyReplicas} available ${availableReplicas} revision ${annotation('revision')} history ${annotation('revision-history') ?? ''}`,
  }
}
