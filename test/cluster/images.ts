import { execFile } from 'node:child_process'
import { cpSync, globSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { repository } from '../support/project.ts'
import { settings } from './settings.ts'

const execute = promisify(execFile)

/** The images of the counter application, by service. */
const versions = { service1: ['v1', 'v2'], service2: ['v1', 'v2', 'v3', 'v4'] }

/** The Node.js that runs this is first on the PATH: it is the one that goes into the images. */
const env = { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}` }

/**
 * Gives the nodes the images of the counter application, made from its sources as they are now. Always: what nodes have
 * under a name says nothing of what is in it.
 */
export async function setup(): Promise<void> {
  const { loadImage } = settings()
  const root = mkdtempSync(join(tmpdir(), 'counter-image-'))
  try {
    await execute(loadImage, ['--node-root', root], { env })
    await installApplication(join(root, 'app'))
    for (const [service, tags] of Object.entries(versions)) {
      for (const tag of tags) {
        const entry = ['/bin/node', `/app/${service}.ts`]
        await execute(loadImage, ['-e', `VERSION=${tag}`, `counter/${service}:${tag}`, root, ...entry], { env })
      }
    }
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

async function installApplication(folder: string): Promise<void> {
  const sources = join(repository, 'specs', 'rollout', 'app')
  for (const file of globSync(join(sources, '{*.ts,package.json}'))) cpSync(file, join(folder, basename(file)))
  const flags = ['--omit=dev', '--prefer-offline', '--no-package-lock', '--no-audit', '--no-fund']
  await execute('npm', ['install', ...flags], { cwd: folder, env })
}
