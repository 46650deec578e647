import { AsyncLocalStorage } from 'node:async_hooks'
import type { EventBody, TrafficEnded } from '../../src/journal/events.ts'
import { defaultSafety } from '../../src/safety/index.ts'
import { openSession } from '../../src/session/session.ts'
import { MethodGuards } from '../../src/spec/method-guards.ts'
import type { TraceSpan } from '../../src/tracing/tracer.ts'
import type { TargetReference } from '../../src/undo/types.ts'
import { RequestTracer } from './plans.ts'

const lab: TargetReference = {
  ...{ kind: 'lab', name: 'lab', kubeconfig: '/dev/null', context: 'lab', namespace: 'default' },
}
const noSpan: TraceSpan = {
  ...{ traceId: '', spanId: '' },
  ...{ setAttributes: () => {}, addEvent: () => {}, addLink: () => {}, fail: () => {} },
}

/** A spec that runs, as far as its users see one. */
export class SpecSession {
  readonly events: EventBody[] = []
  readonly tracer = new RequestTracer()
  readonly cancel = new AbortController()
  readonly guards = new MethodGuards()
  readonly endings: (() => Promise<unknown>)[] = []
  readonly #signal = new AsyncLocalStorage<AbortSignal>()

  /** Opens it in the place of the one before. */
  static open(target: TargetReference = lab): SpecSession {
    const session = new SpecSession()
    openSession({
      target,
      safety: { ...defaultSafety, namespaces: ['*'] },
      record: (event) => session.events.push(event),
      perform: () => Promise.reject(new Error('Users change nothing.')),
      tracer: {
        startRequest: () => session.tracer.startRequest(),
        span: (_name, _attributes, work) => work(noSpan),
      },
      signal: () => session.signal,
      until: (signal, work) => session.#signal.run(signal, work),
      guardMethods: (guard) => session.guards.add(guard),
      atEnd: (work) => session.endings.push(work),
    })
    return session
  }

  /** What aborts when whoever calls must stop. */
  get signal(): AbortSignal {
    return this.#signal.getStore() ?? this.cancel.signal
  }

  /** The record of the traffic that has ended last. */
  get ended(): TrafficEnded {
    const ended = this.events.at(-1)
    if (ended?.type !== 'traffic-ended') throw new Error(`The last event is ${ended?.type}.`)
    return ended
  }
}
