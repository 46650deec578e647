import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import type { ApiAccess } from '../../../src/lab/client/access.ts'
import { ApiClient } from '../../../src/lab/client/index.ts'
import type { LabOptions } from '../../../src/lab/index.ts'

const app = `
import { createServer } from 'node:http'
const { VERSION } = process.env
if (VERSION === 'broken') {
  console.log('no configuration, no service')
  process.exit(3)
}
createServer((_, response) => response.end(\`\${VERSION} \${process.env.OTEL_EXPORTER_OTLP_ENDPOINT}\`)).listen(8000)
process.on('SIGTERM', () => process.exit(0))
`

/** A temporary project with one image, `web`. */
export interface Project {
  root: string
  options(manifests: readonly string[]): LabOptions
  write(name: string, text: string): void
  /** The ids of processes that run a program of this project, or belong to its lab. */
  processes(): number[]
  remove(): void
}

export function temporaryProject(): Project {
  const root = mkdtempSync(join(tmpdir(), 'lab-'))
  const home = join(root, 'home')
  writeFileSync(join(root, 'web.mjs'), app)
  return {
    root,
    options: (manifests) => ({
      name: 'test',
      images: { web: { command: ['node', 'web.mjs'], env: { VERSION: '{tag}' } } },
      root,
      home,
      manifests,
    }),
    write: (name, text) => writeFileSync(join(root, name), text),
    processes: () => processIds().filter((pid) => belongsTo(pid, home)),
    remove: () => rmSync(root, { recursive: true, force: true }),
  }
}

/** The manifests of a service and a deployment, the deployment first. */
export function webManifest(image = 'web:v1', spec = 'replicas: 1'): string {
  return `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  ${spec}
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - name: web
          image: ${image}
          ports: [{ containerPort: 8000 }]
          readinessProbe: { httpGet: { path: /, port: 8000 }, periodSeconds: 1 }
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ port: 80, targetPort: 8000 }] }
`
}

/** A client for the lab of a kubeconfig. */
export function clientOf(kubeconfig: string): ApiClient {
  return new ApiClient(accessOf(kubeconfig))
}

/** How the lab of a kubeconfig is reached. */
export function accessOf(kubeconfig: string): ApiAccess {
  const config = parse(readFileSync(kubeconfig, 'utf8'))
  const { server, 'certificate-authority-data': ca } = config.clusters[0].cluster
  return { server, token: config.users[0].user.token, ca: Buffer.from(ca, 'base64').toString() }
}

export function isAlive(pid: number): boolean {
  return processIds().includes(pid) && !/^State:\tZ/m.test(fileOf(pid, 'status'))
}

function belongsTo(pid: number, home: string): boolean {
  return `\0${fileOf(pid, 'environ')}`.includes(`\0LAB_OWNER=${home}\0`) || fileOf(pid, 'cmdline').includes(home)
}

function processIds(): number[] {
  return readdirSync('/proc').map(Number).filter(Number.isInteger)
}

function fileOf(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8')
  } catch {
    return ''
  }
}
