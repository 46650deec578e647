import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import type { PodTemplateSpec } from 'kubernetes-types/core/v1.d.ts'
import { expect, onTestFinished } from 'vitest'
import { readKubeconfig } from '../../src/lab/apiserver/kubeconfig.ts'
import { ApiClient, deployments } from '../../src/lab/client/index.ts'
import { isRunning, type ProcessIdentity } from '../../src/support/processes.ts'
import { Project, type RunningCommand } from '../support/project.ts'

const labName = 'shop'

/** A project with a shop of one web server, and a spec that rolls out its second version. */
export class Shop extends Project {
  constructor() {
    super({
      'server.mjs': server,
      'web.yaml': manifest,
      'chaos.config.ts': `export default ${JSON.stringify({ lab: { manifests: ['web.yaml'], images } })}`,
      'rollout.chaos.ts': spec,
    })
    onTestFinished(() => this.#endLab())
  }

  /** `lab up shop --detach`. */
  async labUp(): Promise<LabFile> {
    const { exitCode, stderr } = await this.run(['lab', 'up', labName, '--detach'])
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 })
    return this.lab()
  }

  /** What the lab's `lab.json` says. */
  lab(): LabFile {
    return JSON.parse(this.read(`.chaos/labs/${labName}/lab.json`))
  }

  /** The pod template of the web server, from the API of the lab. */
  async template(): Promise<PodTemplateSpec | undefined> {
    const client = new ApiClient(readKubeconfig(this.path(`.chaos/labs/${labName}/kubeconfig`)))
    const { spec } = await client.get(deployments, { namespace: 'default', name: 'web' })
    await client.close()
    return spec?.template
  }

  /** Starts a run that changes the lab and then waits for ever. Resolves when it has changed it. */
  async startActing(): Promise<RunningCommand> {
    this.write({ wait: '' })
    const command = this.start(['--target', `lab:${labName}`])
    await expect.poll(() => this.list('.').includes('acting') || command.stderr, { timeout: 30_000 }).toBe(true)
    return command
  }

  /** The pids of all processes in this project's folder: those of the command, of the lab and of its pods. */
  processes(): number[] {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
      .filter((pid) => folderOf(pid) === this.folder)
      .map(Number)
  }

  #endLab(): void {
    for (const pid of this.processes()) kill(pid)
  }
}

export interface LabFile {
  process: ProcessIdentity
  info: { slot: number; prometheusUrl: string }
}

export async function ended(identity: ProcessIdentity): Promise<void> {
  await expect.poll(() => isRunning(identity), { timeout: 10_000 }).toBe(false)
}

function folderOf(pid: string): string {
  try {
    // Of a folder that was removed meanwhile, the system says so after its path.
    return readlinkSync(`/proc/${pid}/cwd`).replace(/ \(deleted\)$/, '')
  } catch {
    return ''
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}

/** The owners of the latest run. */
export function ownersOf(project: Project): { command: ProcessIdentity; guardian: ProcessIdentity; run: string } {
  const [run = ''] = project.list('.chaos/runs').reverse()
  return { ...JSON.parse(readFileSync(project.path(`.chaos/runs/${run}/owners.json`), 'utf8')), run }
}

const images = { 'shop/web': { command: ['node', 'server.mjs'], env: { VERSION: '{tag}' }, tags: ['v1', 'v2'] } }

const manifest = `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata:
      labels: { app: web }
      annotations: { prometheus.io/scrape: 'true', prometheus.io/port: '8000' }
    spec:
      containers:
        - name: web
          image: shop/web:v1
          ports: [{ containerPort: 8000 }]
          readinessProbe: { httpGet: { path: /, port: 8000 }, periodSeconds: 1 }
`

/** Sends a span when it starts, which names its version. */
const server = `
import { createServer } from 'node:http'

const metrics = '# TYPE shop_up gauge\\nshop_up{version="' + process.env.VERSION + '"} 1\\n'
createServer((_, response) => response.end(metrics)).listen(8000, '0.0.0.0')

const span = {
  traceId: 'a'.repeat(32),
  spanId: 'b'.repeat(16),
  name: 'start of ' + process.env.VERSION,
  startTimeUnixNano: String(BigInt(Date.now()) * 1000000n),
  endTimeUnixNano: String(BigInt(Date.now()) * 1000000n),
}
await fetch(process.env.OTEL_EXPORTER_OTLP_ENDPOINT + '/v1/traces', {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ resourceSpans: [{ resource: {}, scopeSpans: [{ scope: {}, spans: [span] }] }] }),
})
`

const spec = `
import { existsSync, writeFileSync } from 'node:fs'
import { expect, hypothesis, kubernetes, prometheus } from 'chaos-test'

const web = kubernetes.deployment('web')

hypothesis('a new version is rolled out', async () => {
  await web.setImage('web', 'shop/web:v2')
  writeFileSync('acting', String(process.pid))
  if (existsSync('wait')) await new Promise(() => {})
  await web.rolledOut({ within: '30s' })
  await expect.poll(() => prometheus.query('shop_up{version="v2"}').catch(() => 0), { timeout: 10_000 }).toBe(1)
})
`
