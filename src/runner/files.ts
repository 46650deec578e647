import { join, relative, sep } from 'node:path'
import type { ResolvedConfig } from '../config/load.ts'
import type { RunMode } from '../journal/events.ts'
import type { RedactionRules } from '../journal/redaction.ts'
import type { RunPaths } from '../journal/runs.ts'
import { rulesOn } from '../safety/index.ts'
import type { WorkerContext } from '../spec/context.ts'
import type { Target } from './targets.ts'
import { undoModulesOf } from './undo-modules.ts'

/** What all spec files of a run share. */
export interface RunFacts {
  run: string
  mode: RunMode
  redaction: RedactionRules
}

/** The names that a spec file goes by in a run. */
export class SpecFiles {
  readonly #config: ResolvedConfig
  readonly #paths: RunPaths
  readonly #run: string
  readonly #mode: RunMode
  readonly #redaction: RedactionRules

  constructor(config: ResolvedConfig, paths: RunPaths, { run, mode, redaction }: RunFacts) {
    this.#config = config
    this.#paths = paths
    this.#run = run
    this.#mode = mode
    this.#redaction = redaction
  }

  /** The path relative to the root, with slashes: how events and people call the file. */
  nameOf(path: string): string {
    return relative(this.#config.root, path).split(sep).join('/')
  }

  logOf(path: string): string {
    return join(this.#paths.logs, `${this.#slug(path)}.ndjson`)
  }

  spansOf(path: string): string {
    return join(this.#paths.spans, `${this.#slug(path)}.ndjson`)
  }

  /** What the worker of the file must know. */
  contextOf(path: string, target: Target): WorkerContext {
    const { prometheusUrl, prometheusAccess, reference } = target
    const { link: traceLink } = this.#config.traces
    return {
      run: this.#run,
      mode: this.#mode,
      file: this.nameOf(path),
      log: this.logOf(path),
      spans: this.spansOf(path),
      cancelled: this.#paths.cancelled,
      target: reference,
      safety: rulesOn(reference, this.#config.safety),
      ...(prometheusUrl === undefined ? {} : { prometheusUrl }),
      ...(prometheusAccess === undefined ? {} : { prometheusAccess }),
      ...(traceLink === undefined ? {} : { traceLink }),
      redaction: this.#redaction,
      traceExports: this.#config.traces.exports,
      undoModules: undoModulesOf(this.#config),
      root: this.#config.root,
      timeouts: this.#config.timeouts,
    }
  }

  /** One name for each path: a slash becomes `~`, which paths hardly hold. */
  #slug(path: string): string {
    return this.nameOf(path).replaceAll('/', '~')
  }
}
