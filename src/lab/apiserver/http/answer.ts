import type { ServerResponse } from 'node:http'
import type { ApiObject } from '../objects.ts'
import type { Resource } from '../resources/resource.ts'

/** What a request comes to, before it takes the form that the client asked for. */
export type Answer = ObjectAnswer | ListAnswer | DocumentAnswer | StreamAnswer

/** One object of a kind. */
export interface ObjectAnswer {
  form: 'object'
  code: number
  resource: Resource
  object: ApiObject
}

export interface ListAnswer {
  form: 'list'
  resource: Resource
  objects: readonly ApiObject[]
  /** The resource version of the list. */
  version: number
}

/** Anything else: discovery, a Status, a Scale, a text. */
export interface DocumentAnswer {
  form: 'document'
  code: number
  contentType: string
  body: string | Buffer
}

/** An answer that goes on: it writes itself, and ends when the client or the server does. */
export interface StreamAnswer {
  form: 'stream'
  start(response: ServerResponse): void
}

export function objectAnswer(resource: Resource, object: ApiObject, code = 200): ObjectAnswer {
  return { form: 'object', code, resource, object }
}

export function jsonAnswer(value: object, code = 200): DocumentAnswer {
  return { form: 'document', code, contentType: 'application/json', body: JSON.stringify(value) }
}

export function textAnswer(body: string, code = 200): DocumentAnswer {
  return { form: 'document', code, contentType: 'text/plain; charset=utf-8', body }
}
