import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { onTestFinished } from 'vitest'

export const repository = resolve(import.meta.dirname, '../..')
const command = join(repository, 'bin', 'chaos-test.js')

export interface CommandResult {
  exitCode: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

/** A run of the command that has been started. */
export class RunningCommand {
  readonly process: ChildProcess
  stdout = ''
  stderr = ''
  readonly ended: Promise<CommandResult>

  constructor(process: ChildProcess) {
    this.process = process
    process.stdout?.on('data', (text) => {
      this.stdout += text
    })
    process.stderr?.on('data', (text) => {
      this.stderr += text
    })
    this.ended = once(process, 'close').then(([exitCode, signal]) => {
      return { exitCode, signal, stdout: this.stdout, stderr: this.stderr }
    })
  }
}

/** What runs when the test is over. A test that runs beside others must hand over its own. */
export type OnTestFinished = (cleanUp: () => void) => void

/** A project of its own in a temporary folder, with chaos-test installed in it. It is removed when the test ends. */
export class Project {
  readonly folder: string
  readonly #onTestFinished: OnTestFinished

  constructor(files: Record<string, string> = {}, whenTestFinished: OnTestFinished = onTestFinished) {
    this.folder = mkdtempSync(join(realpathSync(tmpdir()), 'chaos-project-'))
    this.#onTestFinished = whenTestFinished
    whenTestFinished(() => rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 }))
    this.write({ 'package.json': '{ "type": "module" }', ...files })
    mkdirSync(this.path('node_modules/.bin'), { recursive: true })
    symlinkSync(repository, this.path('node_modules/chaos-test'))
    symlinkSync(command, this.path('node_modules/.bin/chaos-test'))
  }

  path(name: string): string {
    return join(this.folder, name)
  }

  write(files: Record<string, string>): void {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(this.path(name)), { recursive: true })
      writeFileSync(this.path(name), text)
    }
  }

  remove(name: string): void {
    rmSync(this.path(name))
  }

  read(name: string): string {
    return readFileSync(this.path(name), 'utf8')
  }

  list(folder: string): string[] {
    return readdirSync(this.path(folder)).sort()
  }

  /** The journals of the latest run, by hypothesis. */
  experiments(): Array<Record<string, unknown>> {
    const folder = this.path('.chaos/latest/experiments')
    if (!existsSync(folder)) return []
    return readdirSync(folder).map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')))
  }

  start(args: readonly string[], env: NodeJS.ProcessEnv = {}): RunningCommand {
    return this.startProgram([process.execPath, command, ...args], env)
  }

  /** Starts `npx chaos-test` in the project. */
  startByNpx(args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): RunningCommand {
    return this.startProgram(['npx', '--offline', 'chaos-test', ...args], env)
  }

  /** Starts the command on a terminal of its own: what is written to its stdin is typed there. */
  startOnTerminal(args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): RunningCommand {
    const line = [process.execPath, command, ...args].map((word) => `'${word}'`).join(' ')
    return this.startProgram(['script', '-qfec', `exec ${line}`, '/dev/null'], env)
  }

  startProgram([program = '', ...args]: readonly string[], env: NodeJS.ProcessEnv = {}): RunningCommand {
    const started = spawn(program, args, {
      cwd: this.folder,
      env: { ...process.env, NO_COLOR: '1', VITEST: undefined, NODE_ENV: undefined, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
      // A process group of its own, so that a test can signal all of it as a terminal does.
      detached: true,
    })
    this.#onTestFinished(() => {
      if (started.exitCode === null) started.kill('SIGKILL')
    })
    return new RunningCommand(started)
  }

  async run(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<CommandResult> {
    return await this.start(args, env).ended
  }

  /** The pids of processes that were started for this project and still run: they work in its folder, or name it. */
  survivors(): number[] {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
      .filter((pid) => commandLineOf(pid).includes(this.folder) || workingFolderOf(pid) === this.folder)
      .map(Number)
  }
}

function workingFolderOf(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    return ''
  }
}

function commandLineOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}
