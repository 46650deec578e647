import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeKubeconfig } from '../../../src/lab/apiserver/kubeconfig.ts'
import { deploymentsPath, mergePatchType, pod, podsPath, replicaSetsPath, TestApi } from './api.ts'

const run = promisify(execFile)

const hasKubectl = await run('kubectl', ['version', '--client']).then(
  () => true,
  () => false,
)

const manifest = (image: string) => `
apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  selector: { app: web }
  ports: [{ port: 80, targetPort: http }]
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, labels: { app: web } }
spec:
  replicas: 2
  minReadySeconds: 5
  selector: { matchLabels: { app: web } }
  strategy: { type: RollingUpdate, rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - name: web
          image: ${image}
          ports: [{ name: http, containerPort: 8000 }]
          readinessProbe: { httpGet: { path: /health, port: http }, periodSeconds: 2 }
`

// Without kubectl there is nothing to try; where the tests decide, it has to be there.
describe.skipIf(!hasKubectl && process.env.CI === undefined)('kubectl (skipped where it is not installed)', () => {
  let api: TestApi
  let folder: string

  const kubectl = async (...args: string[]) => {
    const env = { ...process.env, KUBECONFIG: join(folder, 'kubeconfig'), HOME: folder }
    const { stdout } = await run('kubectl', ['--cache-dir', join(folder, 'cache'), ...args], { env })
    return stdout.trimEnd()
  }
  const manifestFile = (image: string) => {
    const path = join(folder, 'manifest.yaml')
    writeFileSync(path, manifest(image))
    return path
  }
  const rows = (output: string) => output.split('\n').map((line) => line.split(/ {2,}/))

  beforeAll(async () => {
    api = await TestApi.start()
    folder = mkdtempSync(join(tmpdir(), 'kubectl-'))
    writeKubeconfig(join(folder, 'kubeconfig'), api.server.access)
  })
  afterAll(async () => {
    await api.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  it('applies manifests: first they are created, then unchanged, then configured', async () => {
    expect(await kubectl('apply', '-f', manifestFile('counter/web:v1'))).toBe(
      'service/web created\ndeployment.apps/web created',
    )
    expect(await kubectl('apply', '-f', manifestFile('counter/web:v1'))).toBe(
      'service/web unchanged\ndeployment.apps/web unchanged',
    )
    expect(await kubectl('apply', '-f', manifestFile('counter/web:v2'))).toBe(
      'service/web unchanged\ndeployment.apps/web configured',
    )
    expect(
      await kubectl('apply', '--server-side', '--force-conflicts', '-f', manifestFile('counter/web:v2')),
    ).toContain('deployment.apps/web serverside-applied')
  })

  it('shows deployments, replica sets and pods', async () => {
    const { spec } = (await api.get(`${deploymentsPath}/web`)).body
    const labels = { app: 'web', 'pod-template-hash': 'abc' }
    await api.post(replicaSetsPath, {
      metadata: { name: 'web-abc', labels },
      spec: { replicas: 2, selector: { matchLabels: labels }, template: { ...spec.template, metadata: { labels } } },
    })
    await api.post(podsPath, pod('web-abc-1', labels))
    const [heads, deployment] = rows(await kubectl('get', 'deploy', '-o', 'wide'))
    expect(heads).toEqual(['NAME', 'READY', 'UP-TO-DATE', 'AVAILABLE', 'AGE', 'CONTAINERS', 'IMAGES', 'SELECTOR'])
    expect(deployment?.slice(0, 4)).toEqual(['web', '0/2', '0', '0'])
    expect(deployment?.slice(5)).toEqual(['web', 'counter/web:v2', 'app=web'])
    const all = await kubectl('get', 'deploy,rs,pods', '-o', 'wide')
    expect(all).toMatch(/replicaset\.apps\/web-abc +2 +0 +0 /)
    expect(all).toMatch(/pod\/web-abc-1 +0\/1 +Pending +0 /)
    expect(await kubectl('get', 'svc', 'web', '-o', 'jsonpath={.spec.clusterIP}')).toBe('198.18.67.10')
    expect(await kubectl('get', 'all', '-o', 'name')).toContain('replicaset.apps/web-abc')
    expect(await kubectl('get', 'pods', '-l', 'app=web', '--field-selector', 'spec.nodeName=', '-o', 'name')).toBe(
      'pod/web-abc-1',
    )
  })

  it('sets images, scales, patches and labels', async () => {
    expect(await kubectl('set', 'image', 'deployment/web', 'web=counter/web:v3')).toBe(
      'deployment.apps/web image updated',
    )
    expect(await kubectl('scale', 'deployment/web', '--replicas=3')).toBe('deployment.apps/web scaled')
    expect(await kubectl('patch', 'deployment', 'web', '-p', '{"spec":{"minReadySeconds":7}}')).toBe(
      'deployment.apps/web patched',
    )
    expect(await kubectl('label', 'deployment', 'web', 'tier=front')).toBe('deployment.apps/web labeled')
    expect(await kubectl('annotate', 'deployment', 'web', 'note=x')).toContain('deployment.apps/web annotate')
    expect(await kubectl('rollout', 'pause', 'deployment/web')).toBe('deployment.apps/web paused')
    expect(await kubectl('rollout', 'resume', 'deployment/web')).toBe('deployment.apps/web resumed')
    expect(await kubectl('rollout', 'restart', 'deployment/web')).toBe('deployment.apps/web restarted')
    const { body } = await api.get(`${deploymentsPath}/web`)
    expect(body.spec).toMatchObject({ replicas: 3, minReadySeconds: 7 })
    expect(body.spec.template.spec.containers[0].image).toBe('counter/web:v3')
    expect(body.metadata.labels).toEqual({ app: 'web', tier: 'front' })
  })

  it('undoes a rollout from the revisions of the replica sets', async () => {
    const { body: deployment } = await api.get(`${deploymentsPath}/web`)
    const revision = async (number: number, image: string) => {
      const labels = { app: 'web', 'pod-template-hash': `r${number}` }
      const template = structuredClone(deployment.spec.template)
      template.metadata = { labels }
      template.spec.containers[0].image = image
      const { name, uid } = deployment.metadata
      await api.post(replicaSetsPath, {
        metadata: {
          name: `web-r${number}`,
          labels,
          annotations: { 'deployment.kubernetes.io/revision': String(number) },
          ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name, uid, controller: true }],
        },
        spec: { replicas: 0, selector: { matchLabels: labels }, template },
      })
    }
    await revision(1, 'counter/web:old')
    await revision(2, 'counter/web:v3')
    await api.patch(
      `${deploymentsPath}/web/status`,
      { metadata: { annotations: { 'deployment.kubernetes.io/revision': '2' } } },
      mergePatchType,
    )
    expect(await kubectl('rollout', 'history', 'deployment/web')).toContain('REVISION')
    expect(await kubectl('rollout', 'undo', 'deployment/web')).toBe('deployment.apps/web rolled back')
    const { body } = await api.get(`${deploymentsPath}/web`)
    expect(body.spec.template.spec.containers[0].image).toBe('counter/web:old')
  })

  it('follows a rollout to its end', async () => {
    const following = kubectl('rollout', 'status', 'deployment/web', '--timeout=20s')
    const { body } = await api.get(`${deploymentsPath}/web`)
    const { generation } = body.metadata
    const counts = { replicas: 3, updatedReplicas: 3, readyReplicas: 3 }
    const report = (status: object) => api.patch(`${deploymentsPath}/web/status`, { status }, mergePatchType)
    await report({ observedGeneration: generation, ...counts, availableReplicas: 1 })
    await report({ observedGeneration: generation, ...counts, availableReplicas: 3 })
    expect(await following).toContain('deployment "web" successfully rolled out')
  })

  it('deletes, and waits until it is gone', async () => {
    expect(await kubectl('delete', 'pod', 'web-abc-1')).toMatch(/^pod "web-abc-1" deleted/)
    expect(await kubectl('delete', 'deployment', 'web')).toMatch(/^deployment.apps "web" deleted/)
    expect(await kubectl('get', 'deploy', '--ignore-not-found')).toBe('')
  })

  it('prints what the server refuses', async () => {
    const complaint = (...args: string[]) => kubectl(...args).catch(({ stderr }: { stderr: string }) => stderr.trim())
    expect(await complaint('get', 'pod', 'nobody')).toBe('Error from server (NotFound): pods "nobody" not found')
    const file = join(folder, 'bad.yaml')
    writeFileSync(file, manifest('counter/web:v1').replace('matchLabels: { app: web }', 'matchLabels: { app: other }'))
    expect(await complaint('apply', '-f', file)).toContain(
      'The Deployment "web" is invalid: spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
    )
    writeFileSync(file, 'apiVersion: batch/v1\nkind: Job\nmetadata: { name: x }\n')
    expect(await complaint('apply', '-f', file)).toContain('no matches for kind "Job" in version "batch/v1"')
    expect(await complaint('get', 'statefulsets')).toContain('doesn\'t have a resource type "statefulsets"')
  })
})
