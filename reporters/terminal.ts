import { existsSync } from 'node:fs'
import { relative } from 'node:path'
import type { ChalkInstance } from 'chalk'
import { createSupportsHyperlinks } from 'supports-hyperlinks'
import type { ChaosEvent } from '../src/journal/events.ts'
import { reduce } from '../src/journal/reduce.ts'
import { runPaths } from '../src/journal/runs.ts'
import { emptyRun, type RunState } from '../src/journal/state.ts'
import { type Clock, systemClock } from '../src/support/clock.ts'
import { renderLines } from './terminal/lines.ts'
import { renderLive } from './terminal/live.ts'
import { type Output, Screen } from './terminal/screen.ts'
import { chalkFor, type Style } from './terminal/style.ts'
import { renderEnd } from './terminal/summary.ts'

export type { Output } from './terminal/screen.ts'

export interface TerminalOptions {
  output: Output
  /** Made for the output unless given. */
  chalk?: ChalkInstance
  clock?: Clock
  /** Whether the output can follow links. Looked up unless given. */
  links?: boolean
}

const widthWithoutTerminal = 100
const widestText = 120
const redrawMs = 250

/**
 * Shows a run to the person who watches it: on a terminal a block that lives below the lines that stay, elsewhere a line
 * for each phase; at the end, what came of each hypothesis. It renders events and decides nothing.
 */
export class TerminalReporter {
  readonly #output: Output
  readonly #chalk: ChalkInstance
  readonly #clock: Clock
  readonly #links: boolean
  readonly #screen: Screen | undefined
  #state: RunState = emptyRun
  #console = ''
  #timer: NodeJS.Timeout | undefined

  constructor({ output, chalk = chalkFor(output), clock = systemClock, links }: TerminalOptions) {
    this.#output = output
    this.#chalk = chalk
    this.#clock = clock
    this.#links = links ?? createSupportsHyperlinks(output)
    this.#screen = output.isTTY ? new Screen(output) : undefined
  }

  onEvent(event: ChaosEvent): void {
    this.#state = reduce(this.#state, event)
    this.#write(renderLines(event, this.#state, this.#screen !== undefined, this.#style()))
    if (this.#screen) this.#timer ??= setInterval(() => this.#redraw(), redrawMs).unref()
  }

  /** What a spec, or a process of the target, wrote to its console: whole lines, above the live block. */
  onConsole(text: string): void {
    const lines = `${this.#console}${text}`.split('\n')
    this.#console = lines.pop() ?? ''
    this.#write(lines)
  }

  /** Ends the live block and shows what came of the run. Nothing may follow it. */
  onEnd(runFolder: string): void {
    clearInterval(this.#timer)
    if (this.#console !== '') this.onConsole('\n')
    const lines = renderEnd(this.#state, shortPath(whereToLook(runFolder)), this.#style())
    if (this.#screen) this.#screen.draw([], [])
    this.#output.write(`${lines.join('\n')}\n`)
  }

  /** What cannot be drawn must not end the run: then nothing is drawn any more between two events. */
  #redraw(): void {
    try {
      this.#write([])
    } catch {
      clearInterval(this.#timer)
    }
  }

  #write(lines: readonly string[]): void {
    if (this.#screen) this.#screen.draw(lines, renderLive(this.#state, this.#clock.now(), this.#style()))
    else if (lines.length > 0) this.#output.write(`${lines.join('\n')}\n`)
  }

  #style(): Style {
    // A terminal that does not know its size says 0.
    const width = this.#output.columns || widthWithoutTerminal
    return { chalk: this.#chalk, width: Math.min(width, widestText), links: this.#links }
  }
}

/** The report of the run, or its folder where that could not be written. */
function whereToLook(runFolder: string): string {
  const { report } = runPaths(runFolder)
  return existsSync(report) ? report : runFolder
}

/** A path as a person here would type it. */
function shortPath(path: string): string {
  const local = relative(process.cwd(), path)
  return local.startsWith('..') ? path : local
}
