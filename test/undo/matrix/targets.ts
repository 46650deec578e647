import { existsSync, readFileSync } from 'node:fs'
import { request } from 'undici'
import { readKubeconfig } from '../../../src/lab/apiserver/kubeconfig.ts'
import { ApiClient, deployments, services } from '../../../src/lab/client/index.ts'
import { loopbackAddress } from '../../../src/lab/index.ts'
import { ownerVariable } from '../../../src/lab/kubelet/leftovers.ts'
import type { Project } from '../../support/project.ts'

/** What the cells of a matrix act on. Before anything has happened to it, it reads `v1`. */
export interface CellTarget {
  /** Beside the spec. */
  files: Record<string, string>
  /** The settings of the config that are about the target. */
  config: Record<string, unknown>
  /** Where the event is that time is over: enough to come to every instant, and a wait for whoever looks on. */
  timeLimit: string
  /** The command's arguments that name it. */
  args: readonly string[]
  /** In the module of undo kinds: what the undo does after it was held up. */
  undo: string
  /** In the spec: `change(text)`, which comes by the instants of an action. */
  change: string
  /** Makes it ready. */
  start(project: Project): Promise<void>
  /** What its owner has set it to, at this moment. */
  read(project: Project): Promise<string>
  /** What its users get. */
  serves(project: Project): Promise<string>
  /** Whether a process is of the target, and none of a run. */
  owns(pid: number): boolean
  end(project: Project): Promise<void>
}

/** As real as any target, and cheap. */
export const fileTarget: CellTarget = {
  files: { 'target.txt': 'v1' },
  config: { target: 'none' },
  timeLimit: '1s',
  args: [],
  undo: `writeFileSync(path, text)`,
  change: `
const change = (text: string) =>
  perform({ kind: 'cell.text', args: { path, text: readFileSync(path, 'utf8') } }, { title: 'write ' + text }, async () => {
    await at('between intent and action')
    writeFileSync(path, 'half of ' + text)
    await at('in the action')
    writeFileSync(path, text)
  })
`,
  async start() {},
  read: async (project) => project.read('target.txt'),
  serves: async (project) => project.read('target.txt'),
  owns: () => false,
  async end() {},
}

/** Beside the file, the run has a lab of its own: it ends with the run, however that ends. */
export const fileBesideLab: CellTarget = { ...fileTarget, config: { lab: { atATime: 1 } } }

const labName = 'cell'

/**
 * A lab with an owner of its own: it survives everything of a run, so that undoing means something afterwards. Its
 * deployment is changed by an action of ours; around it are two that hold the cell up, since an action of ours cannot
 * be stopped in its middle: the first is at its instants, the undo of the second is the first to be carried out.
 */
export const labTarget: CellTarget = {
  files: {
    'server.mjs': `
import { createServer } from 'node:http'
createServer((_, response) => response.end(process.env.VERSION)).listen(8000, '0.0.0.0')
`,
    'web.yaml': `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - name: web
          image: cell/web:v1
          ports: [{ containerPort: 8000 }]
          readinessProbe: { httpGet: { path: /, port: 8000 }, periodSeconds: 1 }
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  selector: { app: web }
  ports: [{ port: 80, targetPort: 8000 }]
`,
  },
  config: {
    lab: {
      manifests: ['web.yaml'],
      images: { 'cell/web': { command: ['node', 'server.mjs'], env: { VERSION: '{tag}' } } },
    },
  },
  timeLimit: '10s',
  args: ['--target', `lab:${labName}`],
  undo: '',
  change: `
const web = kubernetes.deployment('web')
const heldUp = { kind: 'cell.text', args: {} }
async function change(text: string): Promise<void> {
  await web.rolledOut({ within: '30s' }) // of the change before it
  await perform(heldUp, { title: 'get ready to set ' + text }, async () => {
    await at('between intent and action')
    await web.setImage('web', 'cell/web:' + text)
    await at('in the action')
  })
  await perform(heldUp, { title: 'have set ' + text }, async () => {})
}
`,
  async start(project) {
    const { exitCode, stderr } = await project.run(['lab', 'up', labName, '--detach'])
    if (exitCode !== 0) throw new Error(stderr)
  },
  async read(project) {
    const { spec } = await asking(project, (client) => client.get(deployments, { namespace: 'default', name: 'web' }))
    return spec?.template.spec?.containers[0]?.image?.split(':')[1] ?? ''
  },
  async serves(project) {
    const { spec } = await asking(project, (client) => client.get(services, { namespace: 'default', name: 'web' }))
    const { body } = await request(`http://${loopbackAddress(spec?.clusterIP ?? '')}`)
    return await body.text()
  },
  owns: (pid) => isLab(pid) || isOfPod(pid),
  async end(project) {
    if (existsSync(kubeconfigOf(project))) await project.run(['lab', 'down', labName])
  },
}

/** Asks the lab of `labTarget`. */
export async function asking<T>(project: Project, question: (client: ApiClient) => Promise<T>): Promise<T> {
  const client = new ApiClient(readKubeconfig(kubeconfigOf(project)))
  try {
    return await question(client)
  } finally {
    await client.close()
  }
}

function kubeconfigOf(project: Project): string {
  return project.path(`.chaos/labs/${labName}/kubeconfig`)
}

function isLab(pid: number): boolean {
  return readProcess(pid, 'cmdline').includes('/src/lab/')
}

function isOfPod(pid: number): boolean {
  return readProcess(pid, 'environ').includes(`${ownerVariable}=`)
}

/** Empty for one that has ended. */
function readProcess(pid: number, file: 'cmdline' | 'environ'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}
