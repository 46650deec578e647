import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ChaosError } from '../support/errors.ts'
import { privateFile } from '../support/files.ts'
import { programBeside } from '../support/program.ts'
import type { ControllerName } from './controllers/index.ts'
import type { ImageCatalogue } from './images.ts'
import type { LabMessage, LetGoMessage, StartMessage } from './messages.ts'

/** Who keeps the metrics of a lab and answers queries for them. */
export type MetricsBackend = 'embedded' | 'prometheus'

export interface LabOptions {
  /** How people call it. */
  name: string
  /** What images mean on this machine. */
  images: ImageCatalogue
  /** The working directory of the pods' processes: the project's root. */
  root: string
  /** A private folder for its kubeconfig and its pods' logs. */
  home: string
  /** Files or folders of YAML manifests, applied (services first) and awaited before the lab is ready. */
  manifests?: readonly string[]
  /** How often pods are scraped, in milliseconds (200). */
  scrapeIntervalMs?: number
  /** Who keeps and answers metrics: the lab itself, or a `prometheus` of this machine (`'embedded'`). */
  metricsBackend?: MetricsBackend
  /** How many nodes it has: 1 to 3 (1). */
  nodes?: number
  /** How long a node may be silent before it is held for lost, in milliseconds (40,000, as Kubernetes). */
  nodeGraceMs?: number
  /** How long pods that do not say so tolerate that their node is lost, in seconds (300, as Kubernetes). */
  podsEvictedAfterSeconds?: number
  /** Which of its controllers run (all): the others may be run by somebody else, who speaks to its API. */
  controllers?: readonly ControllerName[]
}

/** A running lab, as data. */
export interface LabInfo {
  name: string
  pid: number
  slot: number
  /** The path of its kubeconfig (mode 0600), whose only context is `lab`. */
  kubeconfig: string
  /** The base URL of its Prometheus HTTP API. */
  prometheusUrl: string
  /** The base URL of its OTLP/HTTP receiver. */
  otlpUrl: string
}

export interface Lab {
  info: LabInfo
  /** Resolves when its process has ended: whether it did so in order, because it was told to. */
  ended: Promise<boolean>
  /** Ends it and every process of it. */
  stop(): Promise<void>
  /** Makes it its own owner: it outlives this process, and ends by SIGTERM. Resolves when it has heard it. */
  letGo(): Promise<void>
}

/** How long a lab may take to end in order. */
const stopTimeoutMs = 10_000

/** How much of the log is shown of a lab that died while it started. */
const shownLogCharacters = 2_000

/**
 * Starts a lab in a process of its own and awaits that it is ready: all deployments of its manifests are available.
 * The lab lives as long as this process does, and no longer, however this process ends, unless it is let go. What it has
 * to say is in `lab.log` in its home.
 *
 * @throws CHAOS_NO_LAB_SLOT, CHAOS_LAB_NOT_READY, CHAOS_LAB_FAILED; as usage errors CHAOS_MANIFEST_NOT_FOUND,
 *   CHAOS_MANIFEST_INVALID, CHAOS_MANIFEST_REFUSED, CHAOS_IMAGE_UNKNOWN
 *
 * @example
 * const lab = await startLab({
 *   name: 'demo',
 *   images: { web: { command: ['node', 'web.js'] } },
 *   root: process.cwd(),
 *   home: '.chaos/labs/demo',
 *   manifests: ['manifests'],
 * })
 * console.log(`kubectl --kubeconfig ${lab.info.kubeconfig} get pods`)
 * await lab.stop()
 */
export async function startLab(options: LabOptions): Promise<Lab> {
  const home = resolve(options.home)
  mkdirSync(home, { recursive: true, mode: 0o700 })
  const logPath = join(home, 'lab.log')
  const child = spawnLab(logPath)
  const ended = new Promise<boolean>((resolve) => child.once('exit', (exitCode) => resolve(exitCode === 0)))
  const message: StartMessage = { start: { ...options, home, root: resolve(options.root) } }
  child.send(message)
  const info = await answerOf(child, logPath)
  let stopping: Promise<void> | undefined
  return {
    info,
    ended,
    stop() {
      stopping ??= stopLab(child, ended)
      return stopping
    },
    letGo: () => letGo(child),
  }
}

/** In a process group of its own, so that a Ctrl-C in the terminal does not reach it: its owner decides when it ends. */
function spawnLab(logPath: string): ChildProcess {
  const log = openSync(logPath, 'w', privateFile)
  try {
    return spawn(process.execPath, [programBeside(import.meta.url, 'main')], {
      detached: true,
      stdio: ['ignore', log, log, 'ipc'],
    })
  } finally {
    closeSync(log)
  }
}

/** A lab that has failed says why, and ends when its owner has heard it. */
function answerOf(child: ChildProcess, logPath: string): Promise<LabInfo> {
  return new Promise((ready, reject) => {
    let failure: ChaosError | undefined
    child.once('error', reject)
    const exited = () => reject(failure ?? diedEarly(logPath))
    child.once('exit', exited)
    child.once('message', (message: LabMessage) => {
      if ('ready' in message) {
        child.off('exit', exited)
        ready(message.ready)
        return
      }
      const { code, message: text, verdict } = message.failed
      failure = new ChaosError(code, text, { verdict })
      child.disconnect()
    })
  })
}

function diedEarly(logPath: string): ChaosError {
  const log = existsSync(logPath) ? readFileSync(logPath, 'utf8').slice(-shownLogCharacters).trim() : ''
  const said = log === '' ? 'It said nothing.' : `The end of its log (${logPath}):\n${log}`
  return new ChaosError('CHAOS_LAB_FAILED', `The lab's process ended before it was ready. ${said}`)
}

async function letGo(child: ChildProcess): Promise<void> {
  if (!child.connected) return
  const hungUp = once(child, 'disconnect')
  const message: LetGoMessage = { letGo: true }
  child.send(message)
  await hungUp
  child.unref()
}

async function stopLab(child: ChildProcess, ended: Promise<boolean>): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs)
    child.kill('SIGTERM')
    await ended
    clearTimeout(timer)
  }
  if (child.connected) child.disconnect()
}
