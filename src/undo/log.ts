import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { ChaosEvent } from '../journal/events.ts'
import { ChaosError, messageOf } from '../support/errors.ts'
import { privateFile } from '../support/files.ts'
import type { ProcessIdentity } from '../support/processes.ts'
import type { TargetReference, Undo, UndoOutcome } from './types.ts'

/**
 * The log of one spec file, or of the command: NDJSON, appended to by one process at a time. It holds the public events
 * and, between them, the private records of what is owed to the target. The file is readable by its owner only.
 */
export type LogRecord = ChaosEvent | UndoRecord

/** Private records: they never leave the log. */
export type UndoRecord = HeaderRecord | IntentRecord | AppliedRecord | SettledRecord

/** The first record: what another process needs to carry out the undos of this log. */
export interface HeaderRecord {
  record: 'header'
  version: 1
  /** The id of the run. */
  run: string
  file: string
  /** The worker that writes it. It must not act any more when another process takes over. */
  writer: ProcessIdentity
  target: TargetReference
  /** URLs of the modules that export `undoKinds`. */
  undoModules: string[]
  /** The project's root. */
  root: string
}

/** On disk before its action starts. Without an `applied` it is undone all the same. */
export interface IntentRecord {
  record: 'intent'
  at: number
  action: string
  hypothesis?: string
  /** The undo in words, without secrets. */
  title: string
  undo: Undo
}

export interface AppliedRecord {
  record: 'applied'
  at: number
  action: string
}

/** The undo was carried out and read back: nothing is owed for this action any more. */
export interface SettledRecord {
  record: 'settled'
  at: number
  action: string
  outcome: UndoOutcome
  by: string
}

export class Log {
  readonly path: string
  readonly #file: number
  #torn: boolean

  /** Opens a log to append to, and creates it where it is missing. */
  constructor(path: string) {
    mkdirSync(dirname(path), { recursive: true })
    this.path = path
    this.#torn = existsSync(path) && !endsWithNewline(path)
    this.#file = openSync(path, 'a', privateFile)
  }

  /** Appends an event or a record that may be lost with the machine, but not with the process. */
  append(record: LogRecord): void {
    // After a torn last line of a writer that died, a record starts on a line of its own.
    const line = Buffer.from(`${this.#torn ? '\n' : ''}${JSON.stringify(record)}\n`)
    this.#torn = true
    // A disk that fills up takes a part of the line before it refuses the rest.
    for (let written = 0; written < line.length; ) written += writeSync(this.#file, line, written)
    this.#torn = false
  }

  /**
   * Appends a record that must outlive the machine: it is on disk when this returns.
   *
   * @throws CHAOS_LOG_NOT_WRITABLE: the disk is full or broken; what was to follow must not happen.
   */
  appendDurably(record: LogRecord): void {
    try {
      this.append(record)
      fsyncSync(this.#file)
    } catch (error) {
      throw new ChaosError(
        'CHAOS_LOG_NOT_WRITABLE',
        `The undo of an action could not be written to ${this.path}: ${messageOf(error)}. The action was not started. Make room on the disk, or make the folder writable.`,
        { cause: error },
      )
    }
  }

  close(): void {
    closeSync(this.#file)
  }
}

/** The records of a log. A torn line, the last word of a writer that died, is passed over: its action never started. */
export function readLog(path: string): LogRecord[] {
  const records: LogRecord[] = []
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const record = parse(line)
    if (record) records.push(record)
  }
  return records
}

/** What is owed, the last first: the order in which it is undone. */
export function owedBy(records: readonly LogRecord[]): IntentRecord[] {
  const owed = new Map<string, IntentRecord>()
  for (const record of records) {
    if (!('record' in record)) continue
    if (record.record === 'intent') owed.set(record.action, record)
    if (record.record === 'settled') owed.delete(record.action)
  }
  return [...owed.values()].reverse()
}

export function headerOf(records: readonly LogRecord[]): HeaderRecord | undefined {
  return records.find((record): record is HeaderRecord => 'record' in record && record.record === 'header')
}

function parse(line: string): LogRecord | undefined {
  if (line === '') return undefined
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

function endsWithNewline(path: string): boolean {
  const text = readFileSync(path)
  return text.length === 0 || text.at(-1) === '\n'.charCodeAt(0)
}

/** The path of the command's log in the folder of a run's logs. */
export function commandLog(logFolder: string): string {
  return join(logFolder, 'command.ndjson')
}
