import type { EventBody } from '../../src/journal/events.ts'
import { defaultSafety, rulesOn, type SafetySettings } from '../../src/safety/index.ts'
import { openSession } from '../../src/session/session.ts'
import type { ActionDescription, Perform } from '../../src/undo/perform.ts'
import type { TargetReference, Undo } from '../../src/undo/types.ts'

export interface Performed {
  undo: Undo
  description: ActionDescription
}

/** What a spec's session was told. */
export interface SpecSession {
  events: EventBody[]
  performed: Performed[]
  spans: string[]
  controller: AbortController
  /** Ends what goes on beside the spec, as the end of a hypothesis does. */
  end(): Promise<void>
}

let opened: SpecSession | undefined

/**
 * Opens a session for a target, as the setup of a worker does. `meanwhile` happens once, between the decision to act and
 * the first action.
 */
export function openSpecSession(
  target: TargetReference,
  meanwhile?: () => Promise<void>,
  safety: SafetySettings = defaultSafety,
): SpecSession {
  void opened?.end()
  const endings: (() => Promise<unknown>)[] = []
  const end = async () => void (await Promise.all(endings.splice(0).map((ending) => ending())))
  const session: SpecSession = { events: [], performed: [], spans: [], controller: new AbortController(), end }
  opened = session
  const perform: Perform = async (undo, description, action) => {
    const interfere = meanwhile
    meanwhile = undefined
    await interfere?.()
    // An undo is data: it must survive being written down.
    const { rehearse: _, ...inWords } = description
    session.performed.push({ undo: JSON.parse(JSON.stringify(undo)) as Undo, description: inWords })
    return await action()
  }
  openSession({
    target,
    safety: rulesOn(target, safety),
    record: (event) => session.events.push(event),
    perform,
    signal: () => session.controller.signal,
    until: (_signal, work) => work(),
    atEnd: (ending) => endings.push(ending),
    guardMethods: () => () => undefined,
    tracer: {
      span: (name, _attributes, work) => {
        session.spans.push(name)
        return work({
          traceId: '',
          spanId: '',
          setAttributes: () => undefined,
          addEvent: () => undefined,
          addLink: () => undefined,
          fail: () => undefined,
        })
      },
      startRequest: () => {
        throw new Error('no users here')
      },
    },
  })
  return session
}

/** The progress of rollouts, as it was told. */
export function progressIn({ events }: SpecSession): string[] {
  return events.flatMap((event) => (event.type === 'action-progress' ? [event.message] : []))
}
