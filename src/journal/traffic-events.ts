/** What users saw, as events: about one a second while they call, and all of it when they have ended. */

export interface TrafficStarted {
  type: 'traffic-started'
  traffic: string
  url: string
  /** Planned arrivals per second: the most of them, where the rate changes; 0 in a closed loop. */
  perSecond: number
  /** The load in words: `10/s`, `10/s rising to 100/s over 30 s`, `50 users who think for 1 s`. */
  load?: string
  /** How long they call at least, where that is known: what a person watching waits for. */
  atLeastMs?: number
  /** The way to what is called, where it was looked up: `cluster IP`, `service proxy of the API server`. */
  reachedBy?: string
}

/** About one a second and traffic: the requests that ended in that second. */
export interface TrafficProgress {
  type: 'traffic-progress'
  traffic: string
  /** Requests by outcome: `2xx`, `5xx`, `refused`, `timeout-wait`, `dropped` … */
  outcomes: Record<string, number>
  /** Of the requests that were answered, or timed out, in that second. */
  latencyMs?: LatencySummary
}

export interface TrafficEnded {
  type: 'traffic-ended'
  traffic: string
  startedAt: number
  summary: TrafficSummary
  /** A few requests to look at, in the order of their planned times: the first errors of each kind, and the slowest. */
  exemplars?: RequestExemplar[]
  /** The same for each of several streams, by name. */
  streams?: Record<string, TrafficSummary>
}

/** One users' request, and where to find its trace. */
export interface RequestExemplar {
  traceId: string
  /** Its number among the planned requests of its traffic, from 0: what it says in its header `x-chaos-test-sequence`. */
  sequence?: number
  /** When it was planned: milliseconds since the epoch. */
  plannedAt: number
  outcome: string
  /** How far it had come when it ended. */
  stage?: 'connecting' | 'waiting' | 'reading'
  /** The pod that answered, where the answer says it. */
  pod?: string
  /**
   * How that pod was when the request ended, as the API had told by then. Of a failed request that no pod is known of:
   * those that might have answered (ten at the most), the ready ones last. Absent where that is not known.
   */
  pods?: PodSighting[]
  /** The HTTP status; absent where there was no answer. */
  status?: number
  /** From the planned time to its end. */
  latencyMs: number
}

/** How a pod was at some time. */
export interface PodSighting {
  name: string
  /** `Pending`, `Running`, `Succeeded`, `Failed` or `Unknown`. */
  phase: string
  /** `terminating`: it has been told to end. */
  state: 'ready' | 'not ready' | 'terminating'
}

/** What the users saw, as counts: `planned = completed + failed + dropped`. */
export interface TrafficSummary {
  planned: number
  /** Answered as users expect. */
  completed: number
  /** Answered with an error status, or not at all. */
  failed: number
  /** Not sent, because it could not be sent in time. */
  dropped: number
  outcomes: Record<string, number>
  latencyMs: LatencySummary
  /** The same requests, timed from when they were really sent. */
  serviceTimeMs?: LatencySummary
  /** How much later than planned the requests were sent: how exact the users were. */
  latenessMs?: LatencySummary
}

/** Milliseconds from the planned send time, of the requests that were answered or timed out; zeros where there were none. */
export interface LatencySummary {
  p50: number
  p90: number
  p99: number
  max: number
}
