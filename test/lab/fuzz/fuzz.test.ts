import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { type ApiClient, deployments } from '../../../src/lab/client/index.ts'
import { type Lab, startLab } from '../../../src/lab/index.ts'
import { Choices } from '../../support/choices.ts'
import { accessOf, clientOf, isAlive, type Project, temporaryProject, webManifest } from '../process/project.ts'
import { FuzzClient } from './client.ts'
import { problemOf } from './expectations.ts'
import { generateRequest } from './requests.ts'
import { samples } from './samples.ts'

const seed = Number(process.env.FUZZ_SEED ?? 1)
const count = Number(process.env.FUZZ_REQUESTS ?? 10_000)
const inFlight = 32
const patienceMs = 600_000

let project: Project
let lab: Lab
let client: FuzzClient
let api: ApiClient

beforeAll(async () => {
  project = temporaryProject()
  lab = await startLab(project.options([]))
  client = new FuzzClient(accessOf(lab.info.kubeconfig))
  api = clientOf(lab.info.kubeconfig)
}, patienceMs)
afterAll(async () => {
  client.close()
  api.close()
  await lab.stop()
  project.remove()
})

test(
  `${count} hostile and wrong requests get right answers, and the lab still works (FUZZ_SEED=${seed})`,
  async () => {
    expect(await problemsOfRequests()).toEqual([])
    await listAllKinds()
    await rollOut()
    expect(isAlive(lab.info.pid)).toBe(true)
    const log = readFileSync(join(project.options([]).home, 'lab.log'), 'utf8')
    expect(log).not.toMatch(/TypeError|RangeError|ReferenceError/)
  },
  patienceMs,
)

async function problemsOfRequests(): Promise<string[]> {
  const choices = new Choices(seed)
  const problems: string[] = []
  let sent = 0
  async function sendOn(): Promise<void> {
    while (sent < count && problems.length === 0) {
      const index = sent++
      const request = generateRequest(choices)
      const problem = await client.send(request).then((answer) => problemOf(request, answer), String)
      if (problem) problems.push(`request ${index} of seed ${seed}: ${problem}\n${JSON.stringify(request)}`)
    }
  }
  await Promise.all(Array.from({ length: inFlight }, sendOn))
  return problems
}

async function listAllKinds(): Promise<void> {
  for (const { collection } of samples.filter(({ collection }) => !collection.endsWith('reviews'))) {
    for (const accept of ['application/json', 'application/json;as=Table;v=v1;g=meta.k8s.io']) {
      const request = { method: 'GET', target: collection, headers: { accept } }
      const answer = await client.send(request)
      expect(problemOf(request, answer)).toBeUndefined()
      expect(answer.code).toBe(200)
    }
  }
}

async function rollOut(): Promise<void> {
  // Some of the requests were right: as many pods as the node takes may be there.
  for (const kind of [
    'apis/apps/v1/namespaces/default/deployments',
    'apis/apps/v1/namespaces/default/replicasets',
    'api/v1/namespaces/default/pods',
  ]) {
    await client.send({ method: 'DELETE', target: `/${kind}?gracePeriodSeconds=0`, headers: {} })
  }
  const [deployment] = parseAllDocuments(webManifest())
  await api.create(deployments, { ...deployment?.toJS(), metadata: { namespace: 'default', name: 'web' } })
  const isAvailable = async () => {
    const { status } = await api.get(deployments, { namespace: 'default', name: 'web' })
    expect(status?.availableReplicas).toBe(1)
  }
  await vi.waitFor(isAvailable, { timeout: 60_000, interval: 100 })
}
