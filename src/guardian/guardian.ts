import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import type { LabInfo, LabOptions } from '../lab/index.ts'
import { ChaosError } from '../support/errors.ts'
import { privateFile } from '../support/files.ts'
import { programBeside } from '../support/program.ts'
import type { FromGuardian, GuardianOptions, ToGuardian } from './protocol.ts'

/** The command's end of its guardian. */
export class Guardian {
  readonly #process: ChildProcess
  readonly #labs = new Map<string, PromiseWithResolvers<LabInfo>>()
  readonly #stopped = new Map<string, PromiseWithResolvers<void>>()

  /** Starts a guardian and does not wait for it: what is sent before it listens is kept for it. */
  constructor(options: GuardianOptions) {
    const log = openSync(join(options.runFolder, 'guardian.log'), 'a', privateFile)
    this.#process = spawn(process.execPath, [programBeside(import.meta.url, 'main'), JSON.stringify(options)], {
      detached: true,
      stdio: ['ignore', log, log, 'ipc'],
      // When a job ends, GitHub's runner kills every process that knows the job's id. What is owed then is still owed.
      env: { ...process.env, RUNNER_TRACKING_ID: undefined },
    })
    closeSync(log)
    this.#process.on('message', (message: FromGuardian) => this.#hear(message))
    this.#process.on('exit', () => this.#died())
    this.#process.on('error', () => this.#died())
  }

  get pid(): number | undefined {
    return this.#process.pid
  }

  /** Starts a lab that ends with the run, however that ends. @throws the ChaosError that kept it from starting */
  async startLab(options: LabOptions): Promise<LabInfo> {
    const started = Promise.withResolvers<LabInfo>()
    this.#labs.set(options.name, started)
    this.#tell({ type: 'start-lab', options })
    return await started.promise
  }

  async stopLab(name: string): Promise<void> {
    const stopped = Promise.withResolvers<void>()
    this.#stopped.set(name, stopped)
    this.#tell({ type: 'stop-lab', name })
    await stopped.promise
  }

  /** All is done. Resolves when the labs have ended and the guardian has left. */
  async sayGoodbye(): Promise<void> {
    if (this.#process.exitCode !== null || !this.#process.connected) return
    const left = new Promise<void>((resolve) => this.#process.once('exit', () => resolve()))
    this.#tell({ type: 'goodbye' })
    await left
  }

  #tell(message: ToGuardian): void {
    if (this.#process.connected) this.#process.send(message)
    else this.#died()
  }

  #hear(message: FromGuardian): void {
    if (message.type === 'lab-started') this.#labs.get(message.info.name)?.resolve(message.info)
    else if (message.type === 'lab-stopped') this.#stopped.get(message.name)?.resolve()
    else {
      const { code, message: text, verdict } = message.error
      this.#labs.get(message.name)?.reject(new ChaosError(code, text, { verdict }))
    }
  }

  #died(): void {
    const error = new ChaosError(
      'CHAOS_GUARDIAN_DIED',
      'The guardian of the run has died, and its labs with it. Its last words are in guardian.log in the folder of the run.',
    )
    for (const lab of this.#labs.values()) lab.reject(error)
    for (const stopped of this.#stopped.values()) stopped.resolve()
  }
}
