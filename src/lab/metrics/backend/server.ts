import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, get } from 'node:http'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { ChaosError, usageError } from '../../../support/errors.ts'
import { privateFile } from '../../../support/files.ts'
import { closeAtOnce, listen } from '../../http/listening.ts'
import { answerTo } from '../../http/request.ts'
import { type Launcher, type RunningProgram, StartError } from '../../kubelet/index.ts'

/** A real Prometheus that takes samples by remote write and scrapes nothing. */
export interface PrometheusServer {
  /** Without a slash at its end. */
  readonly url: string
  /** Resolves when it has ended, for whatever reason. */
  readonly ended: Promise<unknown>
  stop(): Promise<void>
}

const readyTimeoutMs = 30_000
const shownLogCharacters = 2_000

/**
 * Starts `prometheus` from the PATH, with its data in a folder of the lab, which is removed with it.
 *
 * @throws CHAOS_LAB_NO_PROMETHEUS (usage) when there is none; CHAOS_LAB_NOT_READY when it does not become ready
 */
export async function startPrometheus(launcher: Launcher, home: string, host: string): Promise<PrometheusServer> {
  const folder = join(home, 'prometheus')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const configPath = join(folder, 'prometheus.yml')
  writeFileSync(configPath, '{}\n', { mode: privateFile })
  const url = `http://${host}:${await freePort(host)}`
  const logPath = join(home, 'prometheus.log')
  const command = [
    'prometheus',
    `--config.file=${configPath}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=${new URL(url).host}`,
    '--web.enable-remote-write-receiver',
    '--log.level=warn',
  ]
  const running = launch(launcher, { command, folder, logPath })
  try {
    await ready(url, running, logPath)
  } catch (error) {
    running.kill()
    throw error
  }
  return {
    url,
    ended: running.ended,
    stop: async () => {
      running.kill()
      await running.ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

interface Invocation {
  readonly command: readonly string[]
  readonly folder: string
  readonly logPath: string
}

function launch(launcher: Launcher, { command, folder, logPath }: Invocation): RunningProgram {
  const environment = { PATH: process.env.PATH ?? '' }
  try {
    return launcher.start({ id: 'prometheus', command, environment, directory: folder, logPath })
  } catch (error) {
    if (!(error instanceof StartError)) throw error
    throw usageError(
      'CHAOS_LAB_NO_PROMETHEUS',
      `The config asks for a real Prometheus (lab.metrics.backend: 'prometheus'), and it could not be started: ${error.message}. Install it (Debian: apt-get install prometheus), or leave that setting out: then the lab answers by itself.`,
      { cause: error },
    )
  }
}

async function freePort(host: string): Promise<number> {
  const server = createServer()
  const port = await listen(server, host, 0)
  await closeAtOnce(server)
  return port
}

async function ready(url: string, running: RunningProgram, logPath: string): Promise<void> {
  let ended = false
  void running.ended.then(() => {
    ended = true
  })
  for (const giveUpAt = Date.now() + readyTimeoutMs; !(await isReady(url)); await delay(20)) {
    if (!ended && Date.now() < giveUpAt) continue
    const what = ended ? 'ended before it was ready' : `was not ready within ${readyTimeoutMs / 1000} s`
    const log = readFileSync(logPath, 'utf8').slice(-shownLogCharacters).trim()
    throw new ChaosError(
      'CHAOS_LAB_NOT_READY',
      `The lab's Prometheus ${what}. The end of its log (${logPath}):\n${log}`,
    )
  }
}

async function isReady(url: string): Promise<boolean> {
  try {
    const answer = await answerTo(get(`${url}/-/ready`, { agent: false, signal: AbortSignal.timeout(1000) }))
    answer.resume()
    return answer.statusCode === 200
  } catch {
    return false
  }
}
