import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { messageOf } from '../../support/errors.ts'
import { privateFile } from '../../support/files.ts'
import { findExecutable } from './executable.ts'
import { ContainerKiller, containerVariable, kill, marked, ownerVariable, ProcessLedger } from './leftovers.ts'
import { diesWithParent } from './platform.ts'
import type { Mount } from './volumes.ts'

/** What runs in a container. */
export interface Program {
  /** Names the run: no two of a lab have the same. */
  id: string
  command: readonly string[]
  environment: Readonly<Record<string, string>>
  /** The working directory. */
  directory: string
  /** Where the paths of its volumes are on this machine; absent: it has none. */
  mounts?: readonly Mount[]
  /** The file that standard output and standard error are added to. */
  logPath: string
}

type LoglessProgram = Omit<Program, 'logPath'>

export interface ProcessExit {
  /** The exit code; for a process that a signal ended, 128 and the signal's number. */
  exitCode: number
  finishedAtMs: number
}

/** The command of a container cannot be run: shown as `StartError`. */
export class StartError extends Error {
  override readonly name = 'StartError'
}

/** A program that runs, in a process group of its own. */
export interface RunningProgram {
  readonly startedAtMs: number
  /** Resolves when the program has ended, and everything that it had started with it. */
  readonly ended: Promise<ProcessExit>
  /** Signals the program, but not what it has started: the first process of a container gets the signals. */
  signal(signal: NodeJS.Signals): void
  /** Signals the program and everything that it has started, as `SIGSTOP`. */
  signalAll(signal: NodeJS.Signals): void
  /** Kills the program and everything that it has started. */
  kill(): void
}

/** A program that its caller speaks with. */
export interface OpenedProgram extends RunningProgram {
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
}

/** Starts programs such that none outlives this process. */
export class Launcher {
  readonly #home: string
  readonly #ledger: ProcessLedger
  readonly #killer: ContainerKiller
  readonly #prefix = diesWithParent()

  /** @param home the lab's home, which the processes are marked with */
  constructor(home: string) {
    this.#home = home
    this.#ledger = new ProcessLedger(home)
    this.#killer = new ContainerKiller(home)
  }

  /** @throws StartError when the command or the directory does not exist or cannot be run */
  start(program: Program): RunningProgram {
    const log = openLog(program.logPath)
    try {
      return this.#run(program, ['ignore', log, log])
    } finally {
      closeSync(log)
    }
  }

  /** Starts a program that its caller speaks with: it has no log. @throws StartError as `start` does */
  open(program: LoglessProgram): OpenedProgram {
    const running = this.#run(program, ['pipe', 'pipe', 'pipe'])
    const { stdin, stdout, stderr } = running.child
    if (!stdin || !stdout || !stderr) throw new StartError(`cannot speak with "${program.command[0]}"`)
    return { ...running, stdin, stdout, stderr }
  }

  #run(program: LoglessProgram, stdio: StdioOptions): RunningProgram & { child: ChildProcess } {
    const { child, pid } = this.#spawnRecorded(program, stdio)
    const killAll = () => {
      kill(-pid)
      return this.#killer.killAll(program.id)
    }
    // Once it has ended all is killed already, and its process id may be another's.
    const hasEnded = () => child.exitCode !== null || child.signalCode !== null
    const ended = exitOf(child).finally(async () => {
      await killAll()
      this.#ledger.remove(pid)
    })
    return {
      child,
      startedAtMs: Date.now(),
      ended,
      signal: (signal) => child.kill(signal),
      signalAll: (signal) => {
        if (hasEnded()) return
        kill(-pid, signal)
        for (const other of marked({ owner: this.#home, containers: new Set([program.id]) })) kill(other, signal)
      },
      kill: () => {
        if (!hasEnded()) void killAll()
      },
    }
  }

  #spawnRecorded(program: LoglessProgram, stdio: StdioOptions): { child: ChildProcess; pid: number } {
    let child: ChildProcess | undefined
    try {
      child = this.#spawn(program, stdio)
      child.on('error', () => {})
      const { pid } = child
      if (pid === undefined) throw new StartError(`cannot run "${program.command[0]}" in ${program.directory}`)
      this.#ledger.add(pid)
      return { child, pid }
    } catch (error) {
      child?.kill('SIGKILL')
      throw error instanceof StartError ? error : new StartError(messageOf(error), { cause: error })
    }
  }

  #spawn({ id, command, environment, directory }: LoglessProgram, stdio: StdioOptions): ChildProcess {
    const [name = '', ...args] = command
    const executable = findExecutable(name, environment.PATH ?? '', directory)
    if (!executable) throw new StartError(`exec: "${name}": executable file not found in $PATH`)
    const [file = '', ...rest] = [...this.#prefix, executable, ...args]
    return spawn(file, rest, {
      cwd: directory,
      env: { ...environment, [ownerVariable]: this.#home, [containerVariable]: id },
      // A session and a process group of its own: Ctrl-C in the lab's terminal is the lab's affair alone.
      detached: true,
      stdio,
    })
  }
}

function openLog(path: string): number {
  mkdirSync(dirname(path), { recursive: true })
  return openSync(path, 'a', privateFile)
}

function exitOf(child: ChildProcess): Promise<ProcessExit> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      const exitCode = code ?? 128 + (signal ? constants.signals[signal] : 0)
      resolve({ exitCode, finishedAtMs: Date.now() })
    })
  })
}
