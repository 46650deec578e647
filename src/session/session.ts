import type { EventBody } from '../journal/events.ts'
import type { SafetyRules } from '../safety/index.ts'
import { usageError } from '../support/errors.ts'
import type { HttpAccess } from '../support/http-access.ts'
import type { Tracer } from '../tracing/tracer.ts'
import type { Perform } from '../undo/perform.ts'
import type { TargetReference } from '../undo/types.ts'

/**
 * What a running spec has at hand: one per spec file. Handles such as `kubernetes.deployment('x')` are descriptions
 * until they are used in a hook or a hypothesis; then they find their target here.
 */
export interface Session {
  /** Of what is done on a cluster: {@link currentCluster}. */
  target: TargetReference
  /** What may be acted on. */
  safety: SafetyRules
  /** The base URL of the Prometheus HTTP API; absent when none is configured. */
  prometheusUrl?: string
  /** How that API lets us in. */
  prometheusAccess?: HttpAccess
  /** A link to a trace for people: a URL with `{traceId}`. */
  traceLink?: string
  /** Writes an event to the log of this spec file. */
  record(event: EventBody): void
  /** The one way to change the target. */
  perform: Perform
  tracer: Tracer
  /** Aborts when the hypothesis (or the hook) that calls must stop. */
  signal(): AbortSignal
  /** Runs `work` with a signal of its own, which aborts at the latest when the caller's does: all that it calls sees it. */
  until<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T>
  /**
   * The method that runs when `guard` aborts ends with its reason, and no method begins after that, until what this
   * returns is called.
   */
  guardMethods(guard: AbortSignal): () => void
  /** `work` is called when the hypothesis (or the file, in a hook) that calls has ended and its target is put back. */
  atEnd(work: () => Promise<unknown>): void
}

let session: Session | undefined

/** Called once, by the setup of a worker. */
export function openSession(opened: Session): void {
  session = opened
}

/** @throws CHAOS_NO_SESSION (usage): a handle was used at the top level of a file, or outside a run. */
export function currentSession(): Session {
  if (!session) {
    throw usageError(
      'CHAOS_NO_SESSION',
      'A target was used where there is none yet: at the top level of a spec file, or outside "chaos-test run". Use handles such as kubernetes.deployment() and traffic() inside a hook or a hypothesis.',
    )
  }
  return session
}

/**
 * The cluster that the running spec acts on.
 *
 * @throws CHAOS_NO_SESSION (usage); CHAOS_NO_CLUSTER (usage): the run has none
 */
export function currentCluster(): TargetReference {
  const { target } = currentSession()
  if (target.kind !== 'none') return target
  throw usageError(
    'CHAOS_NO_CLUSTER',
    'The spec acts on a cluster, and this run has none: its target is "none". Leave the target out for a lab, or name a cluster with --context NAME.',
  )
}
