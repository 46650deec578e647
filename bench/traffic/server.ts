import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { request } from 'undici'
import { freePort } from '../../test/traffic/loopback.ts'

const serverCore = '1'

/** nginx with one worker on a core of its own, that answers `hello` to whatever it is asked. */
export async function startNginx(): Promise<{ url: string; stop(): void }> {
  const folder = mkdtempSync(join(tmpdir(), 'chaos-bench-'))
  const port = await freePort()
  writeFileSync(
    join(folder, 'nginx.conf'),
    `worker_processes 1; daemon off; pid ${folder}/pid; error_log stderr crit;
events { worker_connections 8192; }
http {
  access_log off; keepalive_requests 1000000000; keepalive_timeout 300s;
  server { listen 127.0.0.1:${port} backlog=4096; location / { return 200 "hello"; } }
}`,
  )
  const nginx = spawn('taskset', ['-c', serverCore, 'nginx', '-c', join(folder, 'nginx.conf')], { stdio: 'inherit' })
  const url = `http://127.0.0.1:${port}/`
  while (!(await answers(url))) {
    if (nginx.exitCode !== null) throw new Error('nginx has ended: is it installed (Debian: nginx-light)?')
    await delay(50)
  }
  return {
    url,
    stop: () => {
      nginx.kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    await (await request(url)).body.dump()
    return true
  } catch {
    return false
  }
}

/** Puts a package of npm into a temporary folder: the path of its main file. */
export function installed(name: string): { path: string; remove(): void } | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'chaos-bench-'))
  writeFileSync(join(folder, 'package.json'), '{}')
  const { status } = spawnSync('npm', ['install', '--no-audit', '--no-fund', name], { cwd: folder, stdio: 'ignore' })
  const remove = () => rmSync(folder, { recursive: true, force: true })
  if (status === 0) return { path: join(folder, 'node_modules', name, `${name}.js`), remove }
  remove()
  return undefined
}

export function hasProgram(name: string): boolean {
  return spawnSync('which', [name]).status === 0
}
