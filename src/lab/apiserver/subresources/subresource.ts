import type { Answer } from '../http/answer.ts'
import type { Call } from '../http/call.ts'

export type SubresourceVerb = 'create' | 'get' | 'patch' | 'update'

/** A part or an operation of an object, under a path of its own. */
export interface Subresource {
  /** The kind that is read or written there; absent: that of the object. */
  kind?: { group: string; version: string; kind: string }
  verbs: Readonly<Partial<Record<SubresourceVerb, (call: Call) => Promise<Answer> | Answer>>>
}
