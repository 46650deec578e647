import { badRequest } from '../status.ts'
import type { Subresource } from './subresource.ts'

/*
 * What is spoken over a connection that goes on: a request for one is to be upgraded (see `http/upgrade.ts`), and one that
 * is not is wrong.
 */

/** Commands in containers. */
export const exec = connection('PodExecOptions')

/** Connections to ports of pods. */
export const portForward = connection('PodPortForwardOptions')

function connection(kind: string): Subresource {
  return { kind: { group: '', version: 'v1', kind }, verbs: { create: refuse, get: refuse } }
}

function refuse(): never {
  throw badRequest('Upgrade request required')
}
