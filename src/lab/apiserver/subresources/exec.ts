import { badRequest } from '../status.ts'
import type { Subresource } from './subresource.ts'

/** Commands in containers: a request for one is to be upgraded (see `http/upgrade.ts`), and one that is not is wrong. */
export const exec: Subresource = {
  kind: { group: '', version: 'v1', kind: 'PodExecOptions' },
  verbs: { create: refuse, get: refuse },
}

function refuse(): never {
  throw badRequest('Upgrade request required')
}
