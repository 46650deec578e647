import { isDeepStrictEqual } from 'node:util'
import type { Fault } from '../../client/resources.ts'
import type { FaultSpec } from '../../faults.ts'
import type { Stored } from '../objects.ts'
import { labelSelector } from '../schemas/meta.ts'
import { always, anything, flag, integer, list, struct, text } from '../schemas/schema.ts'
import { ageColumn, nameColumn, textColumn } from '../tables/column.ts'
import { checkFault } from '../validation/fault.ts'
import { defineResource } from './define.ts'

const podSet = { namespace: text, pods: labelSelector, node: text }

const spec = struct({
  node: struct({ name: text, effect: text }),
  process: struct({ namespace: text, pod: text, container: text, effect: text }),
  traffic: struct({
    from: struct(podSet),
    to: struct({ ...podSet, service: text }),
    bothWays: flag,
    effect: text,
    share: anything,
    delay: anything,
    jitter: anything,
    bytesPerSecond: integer,
    status: integer,
  }),
  endpoints: struct({ namespace: text, service: text, effect: text }),
  apiServer: struct({ clients: list(text), effect: text, share: anything, delay: anything, status: integer }),
  names: struct({ namespace: text, service: text, effect: text }),
})

/** Not of Kubernetes: the faults of the lab itself (see `faults.ts`). */
export const faults = defineResource<Stored<Fault>>({
  group: 'lab.chaos-test',
  kind: 'Fault',
  namespaced: false,
  schema: struct({ spec: always(spec), status: always(struct({ phase: text, message: text })) }),
  ownsStatus: true,
  columns: [
    nameColumn,
    textColumn('Fault', ({ spec }) => wordsOf(spec)),
    textColumn('Phase', ({ status }) => status?.phase ?? 'Pending'),
    ageColumn,
  ],
  prepareCreate(object) {
    // These are for the API server itself: as soon as it knows of them they are in force.
    if (object.spec.apiServer || object.spec.node?.effect === 'cutOff') object.status = { phase: 'Active' }
  },
  check: ({ spec }, problems) => checkFault(spec, problems),
  checkUpdate({ spec }, previous, problems) {
    if (!isDeepStrictEqual(spec, previous.spec))
      problems.forbidden('spec', 'a fault does not change: delete it, and create another')
  },
})

function wordsOf({ node, process, traffic, endpoints, names, apiServer }: FaultSpec): string {
  if (node) return `node ${node.name} ${node.effect}`
  if (process) return `pod ${process.pod} ${process.effect}`
  if (traffic) return `traffic to ${traffic.to?.service ?? traffic.to?.node ?? 'pods'} ${traffic.effect}`
  if (endpoints) return `endpoints of ${endpoints.service} ${endpoints.effect}`
  if (names) return `name of ${names.service} ${names.effect}`
  if (apiServer) return `API server ${apiServer.effect}`
  return ''
}
