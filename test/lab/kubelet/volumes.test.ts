import { readFileSync } from 'node:fs'
import type { ConfigMap, Secret } from 'kubernetes-types/core/v1.d.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pods, type Resource } from '../../../src/lab/client/index.ts'
import { type RunningKubelet, startKubelet } from '../../../src/lab/kubelet/index.ts'
import { type Mount, withMounts } from '../../../src/lab/kubelet/volumes.ts'
import { amountOfQuantity } from '../../../src/lab/quantity.ts'
import { eventually, isReady, startCluster, type TestCluster, urlOf } from './cluster.ts'

const configMaps: Resource<ConfigMap> = { apiVersion: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true }
const secrets: Resource<Secret> = { apiVersion: 'v1', kind: 'Secret', plural: 'secrets', namespaced: true }

let cluster: TestCluster
let kubelet: RunningKubelet

beforeAll(async () => {
  cluster = await startCluster()
  kubelet = await startKubelet(cluster.access, cluster.kubelet)
  const metadata = { name: 'settings', namespace: 'default' }
  await cluster.client.create(configMaps, { metadata, data: { colour: 'green', shape: 'round' } })
  await cluster.client.create(secrets, { metadata, data: { key: Buffer.from('hidden').toString('base64') } })
})
afterAll(async () => {
  await kubelet?.stop()
  await cluster?.close()
})

const shell = (script: string) => ({ image: 'sh', args: [script] })

/** The exit code of the only container of a pod that ends. */
async function exitOf(name: string): Promise<number | undefined> {
  const { status } = await cluster.podUntil(
    name,
    (pod) => pod.status?.containerStatuses?.[0]?.state?.terminated !== undefined,
  )
  return status?.containerStatuses?.[0]?.state?.terminated?.exitCode
}

describe('volumes', () => {
  test('of all kinds are folders with files, where the container asks for them', async () => {
    const checks = [
      'test "$(cat /etc/app/colour)" = green',
      'test "$(cat "$SETTINGS/shape")" = round',
      'test "$(cat /etc/one/renamed)" = green',
      'test ! -e /etc/one/shape',
      'test "$(cat /secrets/key)" = hidden',
      'test "$(stat -c %a /secrets/key)" = 400',
      'test "$(cat /info/name)" = volumes',
      `test "$(cat /info/labels)" = 'app="web"'`,
      'test "$(cat /all/key) $(cat /all/colour)" = "hidden green"',
      'echo mine > /scratch/file && test "$(cat "$LAB_MOUNT_SCRATCH/file")" = mine',
    ]
    const name = 'volumes'
    await cluster.createPod(
      name,
      {
        ...shell(checks.map((check, index) => `${check} || exit ${index + 1}`).join('\n')),
        env: [{ name: 'SETTINGS', value: '/etc/app' }],
        volumeMounts: [
          { name: 'settings', mountPath: '/etc/app' },
          { name: 'one', mountPath: '/etc/one' },
          { name: 'secret', mountPath: '/secrets/' },
          { name: 'info', mountPath: '/info' },
          { name: 'all', mountPath: '/all' },
          { name: 'scratch', mountPath: '/scratch' },
        ],
      },
      {
        restartPolicy: 'Never',
        volumes: [
          { name: 'settings', configMap: { name: 'settings' } },
          { name: 'one', configMap: { name: 'settings', items: [{ key: 'colour', path: 'renamed' }] } },
          { name: 'secret', secret: { secretName: 'settings', defaultMode: 0o400 } },
          {
            name: 'info',
            downwardAPI: {
              items: [
                { path: 'name', fieldRef: { fieldPath: 'metadata.name' } },
                { path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } },
              ],
            },
          },
          {
            name: 'all',
            projected: { sources: [{ secret: { name: 'settings' } }, { configMap: { name: 'settings' } }] },
          },
          { name: 'scratch', emptyDir: {} },
        ],
      },
    )
    expect(await exitOf(name)).toBe(0)
  })

  test('are shared by the containers of a pod, and outlive each of them', async () => {
    const volumeMounts = [{ name: 'data', mountPath: '/data' }]
    await cluster.createPod(
      'shared',
      {
        ...shell('cat /data/log; test "$(wc -l < /data/log)" -ge 3 && sleep 1000; echo again >> /data/log; exit 1'),
        volumeMounts,
      },
      {
        volumes: [{ name: 'data', emptyDir: {} }],
        initContainers: [{ name: 'first', ...shell('echo init >> /data/log'), volumeMounts }],
      },
    )
    const { status } = await cluster.podUntil(
      'shared',
      (pod) => (pod.status?.containerStatuses?.[0]?.restartCount ?? 0) >= 2,
    )
    expect(status?.initContainerStatuses?.[0]?.state?.terminated?.exitCode).toBe(0)
  })

  test('whose source is missing keep the container waiting, until it is there', async () => {
    const metadata = { name: 'late', namespace: 'default' }
    await cluster.createPod(
      'waits',
      { ...shell('cat /etc/late/colour; sleep 1000'), volumeMounts: [{ name: 'late', mountPath: '/etc/late' }] },
      { volumes: [{ name: 'late', configMap: { name: 'late' } }] },
    )
    await cluster.podUntil(
      'waits',
      ({ status }) => status?.containerStatuses?.[0]?.state?.waiting?.message === 'configmap "late" not found',
    )
    await cluster.client.create(configMaps, { metadata, data: { colour: 'red' } })
    await cluster.podUntil('waits', isReady)
  })

  test('of other kinds are refused by their name', async () => {
    const create = cluster.createPod(
      'claims',
      {},
      { volumes: [{ name: 'disk', persistentVolumeClaim: { claimName: 'disk' } }] },
    )
    await expect(create).rejects.toThrow(
      'spec.volumes[0].persistentVolumeClaim: Forbidden: the lab has volumes of the kinds configMap, downwardAPI',
    )
  })

  test('stand in words at the beginning of paths, and nowhere else', () => {
    const mounts: Mount[] = [
      { name: 'inner', mountPath: '/data/inner', path: '/real/inner' },
      { name: 'data', mountPath: '/data', path: '/real/data' },
    ]
    expect(withMounts('cat /data /data/x "/data/inner/y" --dir=/data:/data', mounts)).toBe(
      'cat /real/data /real/data/x "/real/inner/y" --dir=/real/data:/real/data',
    )
    expect(withMounts('/database /my/data ./data x/data /data-old', mounts)).toBe(
      '/database /my/data ./data x/data /data-old',
    )
  })
})

describe('a sidecar', () => {
  const sidecar = (name: string, script: string) => ({ name, restartPolicy: 'Always', ...shell(script) })

  test('runs beside the others, which wait until it has started, and is one more container that is ready', async () => {
    await cluster.createPod(
      'meshed',
      { readinessProbe: { tcpSocket: { port: 8000 }, periodSeconds: 1 } },
      {
        initContainers: [
          {
            ...sidecar('proxy', 'sleep 0.3; touch /ready/yes; sleep 1000'),
            volumeMounts: [{ name: 'ready', mountPath: '/ready' }],
            startupProbe: { exec: { command: ['cat', '/ready/yes'] }, periodSeconds: 1 },
          },
          { name: 'after', ...shell('test -e /ready/yes'), volumeMounts: [{ name: 'ready', mountPath: '/ready' }] },
        ],
        volumes: [{ name: 'ready', emptyDir: {} }],
      },
    )
    const { status } = await cluster.podUntil('meshed', isReady)
    expect(status?.initContainerStatuses?.map(({ name, ready }) => [name, ready])).toEqual([
      ['proxy', true],
      ['after', true],
    ])
    expect(status?.initContainerStatuses?.[0]?.state?.running).toBeDefined()
    expect(
      (await fetch(urlOf(await cluster.client.get(pods, { namespace: 'default', name: 'meshed' }), '/health'))).status,
    ).toBe(200)
  })

  test('ends when all others have, and does not keep the pod from completing', async () => {
    await cluster.createPod('job', shell('exit 0'), {
      restartPolicy: 'Never',
      initContainers: [sidecar('proxy', 'trap "exit 0" TERM; sleep 1000 & wait')],
    })
    const { status } = await cluster.podUntil('job', (pod) => pod.status?.phase === 'Succeeded')
    expect(status?.containerStatuses?.[0]?.state?.terminated?.exitCode).toBe(0)
  })

  test('is an init container, and no other', async () => {
    await expect(cluster.createPod('odd', { restartPolicy: 'Always' })).rejects.toThrow(
      'spec.containers[0].restartPolicy: Forbidden',
    )
  })
})

test('a container is told of its limits', async () => {
  await cluster.createPod(
    'limited',
    {
      ...shell('test "$MEMORY $CPU" = "64 500"'),
      resources: { limits: { memory: '64Mi', cpu: '500m' } },
      env: [
        { name: 'MEMORY', valueFrom: { resourceFieldRef: { resource: 'limits.memory', divisor: '1Mi' } } },
        { name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '1m' } } },
      ],
    },
    { restartPolicy: 'Never' },
  )
  expect(await exitOf('limited')).toBe(0)
  expect([amountOfQuantity('1.5Gi'), amountOfQuantity('2e3'), amountOfQuantity('x')]).toEqual([
    1.5 * 2 ** 30,
    2000,
    Number.NaN,
  ])
})

test('what is to be done at its start is done, or the container is started again', async () => {
  const post = (command: string) => ({ lifecycle: { postStart: { exec: { command: ['sh', '-c', command] } } } })
  await cluster.createPod(
    'greets',
    { ...post('echo hello > "$LAB_MOUNT_OUT/file"'), volumeMounts: [{ name: 'out', mountPath: '/out' }] },
    {
      volumes: [{ name: 'out', emptyDir: {} }],
    },
  )
  const { metadata } = await cluster.podUntil('greets', isReady)
  const folder = `${cluster.kubelet.home}/pods/default_greets_${metadata.uid}/.volumes/out`
  expect(readFileSync(`${folder}/file`, 'utf8')).toBe('hello\n')
  await cluster.createPod('fails', post('exit 1'), { terminationGracePeriodSeconds: 1 })
  await cluster.podUntil('fails', ({ status }) => (status?.containerStatuses?.[0]?.restartCount ?? 0) > 0)
  await eventually(async () => (await cluster.eventsOf('fails')).some((event) => event.includes('FailedPostStartHook')))
})
