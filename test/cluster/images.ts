import { execFile } from 'node:child_process'
import { cpSync, globSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, delimiter, dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { clusterSettings } from './settings.ts'

const execute = promisify(execFile)

const application = resolve(import.meta.dirname, '../../specs/rollout/app')
const images = ['service1:v1', 'service1:v2', 'service2:v1', 'service2:v2', 'service2:v3', 'service2:v4']

/** An image is as large as Node.js, and is written several times on its way: disks do not profit from more. */
const AT_A_TIME = 3

/** The Node.js that runs this comes first: it is the one that goes into the images. */
const env = { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}` }

/**
 * Gives the nodes the images of the counter application, made from its sources as they are now. Always: the name of an
 * image that a node has already does not say what is in it.
 */
export async function setup(): Promise<void> {
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
}

async function installApplication(folder: string): Promise<void> {
  for (const file of globSync(join(application, '{*.ts,package.json}'))) cpSync(file, join(folder, basename(file)))
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
