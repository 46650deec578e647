import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { ContainerStatus, Pod } from 'kubernetes-types/core/v1.d.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { nodes, services } from '../../../src/lab/client/index.ts'
import { podFolder, type RunningKubelet, startKubelet } from '../../../src/lab/kubelet/index.ts'
import { eventually, isReady, nodeName, runs, startCluster, type TestCluster, urlOf } from './cluster.ts'

let cluster: TestCluster
let kubelet: RunningKubelet

beforeAll(async () => {
  cluster = await startCluster()
  kubelet = await startKubelet(cluster.access, { ...cluster.kubelet, environment: { LAYER: 'option', OPTION: 'yes' } })
})

afterAll(async () => {
  await kubelet?.stop()
  await cluster?.close()
})

const readinessProbe = { httpGet: { path: '/health', port: 'http' }, periodSeconds: 1, failureThreshold: 1 }
const ports = [{ name: 'http', containerPort: 8000 }]

function main(pod: Pod): ContainerStatus {
  const status = pod.status?.containerStatuses?.[0]
  if (!status) throw new Error('the pod has no container status')
  return status
}

function waitingReason(pod: Pod): string | undefined {
  return pod.status?.containerStatuses?.[0]?.state?.waiting?.reason
}

async function textOf(pod: Pod, path: string): Promise<string> {
  return (await fetch(urlOf(pod, path))).text()
}

test('the node is there, and ready', async () => {
  const node = await cluster.client.get(nodes, { name: nodeName })
  expect(node.status?.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({ status: 'True' })
  expect(node.status?.addresses).toContainEqual({ type: 'InternalIP', address: `${cluster.kubelet.podRange}.1` })
  expect(node.status?.capacity).toMatchObject({ pods: '253' })
})

test.concurrent('a pod runs, becomes ready, serves, and goes', async () => {
  await cluster.createPod('web', { ports, readinessProbe })
  const pod = await cluster.podUntil('web', isReady)
  expect(pod.status).toMatchObject({
    phase: 'Running',
    hostIP: `${cluster.kubelet.podRange}.1`,
    podIP: expect.stringContaining(`${cluster.kubelet.podRange}.`),
    podIPs: [{ ip: pod.status?.podIP }],
  })
  expect(main(pod)).toMatchObject({ name: 'main', ready: true, started: true, restartCount: 0, image: 'web:v1' })
  const log = join(podFolder(cluster.kubelet.home, pod), 'main', '0.log')
  expect(await textOf(pod, '/pid')).toMatch(/^\d+$/)
  expect(readFileSync(log, 'utf8')).toBe('listening\n')
  expect(statSync(log).mode & 0o777).toBe(0o600)
  await cluster.removePod('web')
  await cluster.podGone('web')
  expect(cluster.seen('web').at(-1)?.containerStatuses?.[0]?.state?.terminated).toMatchObject({ exitCode: 0 })
  expect(readFileSync(log, 'utf8')).toBe('listening\nSIGTERM\n')
  await eventually(async () => (await cluster.eventsOf('web')).includes('Normal Killing: Stopping container main'))
  await expect(fetch(urlOf(pod))).rejects.toThrow()
})

test.concurrent('readiness follows the probe, both ways', async () => {
  await cluster.createPod('moody', { ports, readinessProbe, env: [{ name: 'HEALTH', value: '500' }] })
  const pod = await cluster.podUntil('moody', ({ status }) => status?.phase === 'Running')
  expect(isReady(pod)).toBe(false)
  await eventually(async () =>
    (await cluster.eventsOf('moody')).includes(
      'Warning Unhealthy: Readiness probe failed: HTTP probe failed with statuscode: 500',
    ),
  )
  expect(cluster.seen('moody').some((status) => isReady({ status }))).toBe(false)
  await textOf(pod, '/healthy')
  await cluster.podUntil('moody', isReady)
  await textOf(pod, '/unhealthy')
  const unready = await cluster.podUntil('moody', (now) => !isReady(now))
  expect(unready.status?.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({
    reason: 'ContainersNotReady',
  })
  expect(main(unready).restartCount).toBe(0)
})

test.concurrent('the environment: image, options, services, fields, and its own', async () => {
  await cluster.client.create(services, {
    metadata: { name: 'counter', namespace: 'default' },
    spec: { selector: { app: 'counter' }, ports: [{ name: 'http', port: 8000 }] },
  })
  await cluster.createPod('told', {
    image: 'web:v2',
    env: [
      { name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      { name: 'APP', valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } },
      { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
      { name: 'URL', value: 'http://$(COUNTER_SERVICE_HOST):$(COUNTER_SERVICE_PORT)' },
    ],
  })
  const pod = await cluster.podUntil('told', isReady)
  await eventually(() => fetch(urlOf(pod)).then(Boolean, () => false))
  const environment = JSON.parse(await textOf(pod, '/env'))
  const counter = await cluster.client.get(services, { namespace: 'default', name: 'counter' })
  const counterAddress = counter.spec?.clusterIP?.replace('198.', '127.')
  expect(environment).toMatchObject({
    VERSION: 'v2',
    LAYER: 'option',
    OPTION: 'yes',
    HOSTNAME: 'told',
    POD: 'told',
    APP: 'web',
    IP: new URL(urlOf(pod)).hostname,
    COUNTER_SERVICE_HOST: counterAddress,
    COUNTER_SERVICE_PORT: '8000',
    COUNTER_PORT_8000_TCP: `tcp://${counterAddress}:8000`,
    URL: `http://${counterAddress}:8000`,
    KUBERNETES_SERVICE_HOST: new URL(cluster.access.server).hostname,
  })
  expect(environment.VITEST).toBeUndefined()
})

describe.concurrent('restarts', () => {
  test('a crash is restarted at once, the next one waits', async () => {
    await cluster.createPod('crashing', { image: 'sh', args: ['sleep 0.1; exit 7'] })
    const waiting = await cluster.podUntil('crashing', (pod) => waitingReason(pod) === 'CrashLoopBackOff')
    expect(main(waiting)).toMatchObject({ restartCount: 1, ready: false })
    expect(main(waiting).lastState?.terminated).toMatchObject({ exitCode: 7, reason: 'Error' })
    expect(main(waiting).state?.waiting?.message).toContain('restarting failed container=main pod=crashing_default')
    expect(waiting.status?.phase).toBe('Running')
    await cluster.podUntil('crashing', (pod) => main(pod).restartCount === 2)
    await cluster.removePod('crashing', 0)
  })

  test('a failing liveness probe restarts', async () => {
    const livenessProbe = { ...readinessProbe, initialDelaySeconds: 1 }
    await cluster.createPod('stuck', {
      ports,
      readinessProbe,
      livenessProbe,
    })
    const pod = await cluster.podUntil('stuck', isReady)
    await textOf(pod, '/unhealthy')
    const again = await cluster.podUntil(
      'stuck',
      (now) => isReady(now) && main(now).restartCount > main(pod).restartCount,
    )
    expect(main(again).lastState?.terminated).toBeDefined()
    const killing = 'Normal Killing: Container main failed liveness probe, will be restarted'
    await eventually(async () => (await cluster.eventsOf('stuck')).includes(killing))
  })

  test('nothing else is probed until the startup probe succeeds', async () => {
    const startupProbe = { exec: { command: ['test', '-e', `${cluster.kubelet.home}/started`] }, periodSeconds: 1 }
    await cluster.createPod('slow', {
      image: 'sh',
      args: ['sleep 1; touch "$FLAG"; sleep 60'],
      startupProbe,
      env: [{ name: 'FLAG', value: `${cluster.kubelet.home}/started` }],
    })
    const ready = await cluster.podUntil('slow', isReady)
    expect(main(ready)).toMatchObject({ started: true, restartCount: 0 })
    expect(cluster.seen('slow').map(({ containerStatuses }) => containerStatuses?.[0]?.started)).toContain(false)
    await cluster.removePod('slow', 0)
  })

  test('init containers run one after the other, and a job ends', async () => {
    const say = (name: string) => ({ name, image: 'sh', args: [`echo ${name} >> ${cluster.kubelet.home}/order`] })
    await cluster.createPod('job', say('main'), {
      restartPolicy: 'Never',
      initContainers: [say('first'), say('second')],
    })
    const done = await cluster.podUntil('job', ({ status }) => status?.phase === 'Succeeded')
    expect(readFileSync(`${cluster.kubelet.home}/order`, 'utf8')).toBe('first\nsecond\nmain\n')
    expect(main(done).state?.terminated).toMatchObject({ exitCode: 0, reason: 'Completed' })
  })
})

describe.concurrent('what cannot be started', () => {
  test('an unknown tag', async () => {
    await cluster.createPod('unknown', { image: 'web:v9' })
    await cluster.podUntil('unknown', (pod) => waitingReason(pod) === 'ErrImagePull')
    const pod = await cluster.podUntil('unknown', (now) => waitingReason(now) === 'ImagePullBackOff')
    expect(pod.status?.phase).toBe('Pending')
    expect(main(pod).state?.waiting?.message).toContain('the tags of "web" are v1, v2')
    await cluster.removePod('unknown')
    await cluster.podGone('unknown')
  })

  test('a command that does not exist', async () => {
    await cluster.createPod('lost', { command: ['no-such-program'] }, { restartPolicy: 'Never' })
    const pod = await cluster.podUntil('lost', ({ status }) => status?.phase === 'Failed')
    expect(main(pod).state?.terminated).toMatchObject({ exitCode: 128, reason: 'StartError' })
  })

  test('a ConfigMap that does not exist', async () => {
    await cluster.createPod('unset', { envFrom: [{ configMapRef: { name: 'none' } }] })
    const pod = await cluster.podUntil('unset', (now) => waitingReason(now) === 'CreateContainerConfigError')
    expect(main(pod).state?.waiting?.message).toBe('configmap "none" not found')
  })
})

describe.concurrent('termination', () => {
  async function pidOf(pod: Pod): Promise<number> {
    await eventually(() => fetch(urlOf(pod)).then(Boolean, () => false))
    return Number(await textOf(pod, '/pid'))
  }

  test('what is deaf to SIGTERM is killed when the grace period is over', async () => {
    await cluster.createPod('deaf', { env: [{ name: 'DEAF', value: '1' }] }, { terminationGracePeriodSeconds: 1 })
    const pid = await pidOf(await cluster.podUntil('deaf', isReady))
    const deletedAt = Date.now()
    await cluster.removePod('deaf')
    await cluster.podGone('deaf')
    expect(Date.now() - deletedAt).toBeGreaterThan(990)
    expect(cluster.seen('deaf').at(-1)?.containerStatuses?.[0]?.state?.terminated).toMatchObject({ exitCode: 137 })
    expect(runs(pid)).toBe(false)
  })

  test('the preStop hook comes before SIGTERM', async () => {
    const order = `${cluster.kubelet.home}/prestop`
    await cluster.createPod('polite', {
      image: 'sh',
      args: [`trap 'echo term >> ${order}; exit 0' TERM; while :; do sleep 0.05; done`],
      lifecycle: { preStop: { exec: { command: ['sh', '-c', `sleep 0.2; echo hook >> ${order}`] } } },
    })
    await cluster.podUntil('polite', isReady)
    await cluster.removePod('polite')
    await cluster.podGone('polite')
    expect(readFileSync(order, 'utf8')).toBe('hook\nterm\n')
  })

  test('a pod that the API server has dropped is ended all the same', async () => {
    await cluster.createPod('dropped', { env: [{ name: 'DEAF', value: '1' }] })
    const pid = await pidOf(await cluster.podUntil('dropped', isReady))
    await cluster.removePod('dropped', 0)
    await eventually(() => !runs(pid))
  })

  test('what a container has started ends with it', async () => {
    const script = 'sleep 1000 & echo $!; setsid sleep 1000 & echo $!; sleep 0.3'
    const pod = await cluster.createPod('parent', { image: 'sh', args: [script] }, { restartPolicy: 'Never' })
    await cluster.podUntil('parent', ({ status }) => status?.phase === 'Succeeded')
    const pids = readFileSync(join(podFolder(cluster.kubelet.home, pod), 'main', '0.log'), 'utf8')
      .trim()
      .split('\n')
      .map(Number)
    expect(pids).toHaveLength(2)
    await eventually(() => !pids.some(runs))
  })
})
