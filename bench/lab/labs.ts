import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LabOptions, startLab } from '../../src/lab/index.ts'
import { repository } from '../../test/support/project.ts'

// As the command has it: labs and their pods find it in the environment.
const { directory } = enableCompileCache()
if (directory) process.env.NODE_COMPILE_CACHE = directory

/** As it is installed: what is compiled already starts sooner. */
const built: { startLab: typeof startLab } = await import(join(repository, 'dist/src/lab/index.js'))

export interface BenchLab {
  pid: number
  kubeconfig: string
  /** From the call until it was ready. */
  upMs: number
  stop(): Promise<void>
}

const service = (name: string) => ({
  command: ['node', `specs/rollout/app/${name}.ts`],
  env: { VERSION: '{tag}' },
})

const images: LabOptions['images'] = {
  'counter/service1': service('service1'),
  'counter/service2': service('service2'),
  'bench/nothing': { command: ['sleep', 'infinity'] },
}

/** A lab in a process of its own, as every run has it, that knows the counter application and a command that does nothing. */
export async function startBenchLab(manifests: readonly string[] = []): Promise<BenchLab> {
  const home = mkdtempSync(join(tmpdir(), 'chaos-bench-'))
  const startedAt = performance.now()
  const lab = await built.startLab({ name: 'bench', images, root: repository, home, manifests })
  return {
    pid: lab.info.pid,
    kubeconfig: lab.info.kubeconfig,
    upMs: performance.now() - startedAt,
    async stop() {
      await lab.stop()
      rmSync(home, { recursive: true, force: true })
    },
  }
}

export const counterManifests = join(repository, 'specs/rollout/manifests')

/** The same manifests without `minReadySeconds`: with them a deployment is available as soon as its pods are ready. */
export function withoutMinReadySeconds(): { folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'chaos-bench-'))
  cpSync(counterManifests, folder, { recursive: true })
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    writeFileSync(path, readFileSync(path, 'utf8').replace(/^ *minReadySeconds: .*\n/gm, ''))
  }
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
