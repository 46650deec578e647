import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, delimiter, dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node'
import { clusterSettings } from './settings.ts'

const execute = promisify(execFile)

const application = resolve(import.meta.dirname, '../../specs/rollout/app')
const images = ['service1:v1', 'service1:v2', 'service2:v1', 'service2:v2', 'service2:v3', 'service2:v4']

/** An image is as large as Node.js, and is written several times on its way: disks do not profit from more. */
const AT_A_TIME = 3

/** The Node.js that runs this comes first: it is the one that goes into the images. */
const env = { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}` }

/** Where the cluster remembers which images its nodes were given: it is as old as they are. */
const memory = { namespace: 'default', name: 'chaos-test-counter-images' }

/** Gives the nodes the images of the counter application, made from its sources as they are now. */
export async function setup(): Promise<void> {
  const core = coreOf(clusterSettings().kubeconfig)
  const sources = fingerprint()
  if ((await remembered(core)) === sources) return
  const root = mkdtempSync(join(tmpdir(), 'counter-image-'))
  try {
    await loadImage('--node-root', root)
    await installApplication(join(root, 'app'))
    for (let next = 0; next < images.length; next += AT_A_TIME) {
      await Promise.all(images.slice(next, next + AT_A_TIME).map((image) => loadService(image, root)))
    }
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
  await remember(core, sources)
}

/** What goes into the images. */
function fingerprint(): string {
  const hash = createHash('sha256').update(`${process.version} ${images}`)
  for (const file of applicationFiles()) hash.update(file).update(readFileSync(file))
  return hash.digest('hex')
}

function applicationFiles(): string[] {
  return globSync(join(application, '{*.ts,package.json}')).sort()
}

function coreOf(kubeconfig: string): CoreV1Api {
  const config = new KubeConfig()
  config.loadFromFile(kubeconfig)
  return config.makeApiClient(CoreV1Api)
}

async function remembered(core: CoreV1Api): Promise<string | undefined> {
  const { items } = await core.listNamespacedConfigMap({ namespace: memory.namespace })
  return items.find(({ metadata }) => metadata?.name === memory.name)?.data?.sources
}

async function remember(core: CoreV1Api, sources: string): Promise<void> {
  await core.deleteNamespacedConfigMap(memory).catch(() => undefined)
  await core.createNamespacedConfigMap({ namespace: memory.namespace, body: { metadata: memory, data: { sources } } })
}

async function installApplication(folder: string): Promise<void> {
  for (const file of applicationFiles()) cpSync(file, join(folder, basename(file)))
  const flags = ['--omit=dev', '--prefer-offline', '--no-package-lock', '--no-audit', '--no-fund']
  await execute('npm', ['install', ...flags], { cwd: folder, env })
}

async function loadService(image: string, root: string): Promise<void> {
  const [service, version] = image.split(':')
  await loadImage('-e', `VERSION=${version}`, `counter/${image}`, root, '/bin/node', `/app/${service}.ts`)
}

async function loadImage(...args: string[]): Promise<void> {
  await execute(clusterSettings().loadImage, args, { env })
}
