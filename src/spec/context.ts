import type { RunMode } from '../journal/events.ts'
import type { RedactionRules } from '../journal/redaction.ts'
import type { SafetyRules } from '../safety/index.ts'
import type { HttpAccess } from '../support/http-access.ts'
import type { TraceExports } from '../support/trace-exports.ts'
import type { TargetReference } from '../undo/types.ts'

/**
 * What the command tells the worker of a spec file, as data: it crosses a process boundary as Vitest's provided
 * context, under the key `chaos`.
 */
export interface WorkerContext {
  run: string
  mode: RunMode
  /** The spec file, relative to the project's root. */
  file: string
  /** The path of this file's log. */
  log: string
  /** The path that this file's spans are written to, as OTLP JSON, one export a line. */
  spans: string
  /** A file that appears when the run is cancelled. Its text says why. */
  cancelled: string
  target: TargetReference
  safety: SafetyRules
  prometheusUrl?: string
  /** How that Prometheus lets us in: secret, and in no log. */
  prometheusAccess?: HttpAccess
  /** A link to a trace for people: a URL with `{traceId}`. */
  traceLink?: string
  /** Where spans are sent, too, and which. */
  traceExports: TraceExports
  /** What must not become public. */
  redaction: RedactionRules
  /** URLs of the modules that export `undoKinds`. */
  undoModules: string[]
  /** The project's root. */
  root: string
  timeouts: { hypothesisMs: number; hookMs: number; rollbackMs: number }
}

declare module 'vitest' {
  interface ProvidedContext {
    /** Absent while spec files are only collected. */
    chaos?: WorkerContext
  }
}
