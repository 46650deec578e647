import { isDeepStrictEqual } from 'node:util'
import type { Fault } from '../../client/resources.ts'
import type { Stored } from '../objects.ts'
import { always, struct, text } from '../schemas/schema.ts'
import { ageColumn, nameColumn, textColumn } from '../tables/column.ts'
import { defineResource } from './define.ts'

const nodeEffects = ['down']

/** Not of Kubernetes: the faults of the lab itself (see `faults.ts`). */
export const faults = defineResource<Stored<Fault>>({
  group: 'lab.chaos-test',
  kind: 'Fault',
  namespaced: false,
  schema: struct({
    spec: always(struct({ node: struct({ name: text, effect: text }) })),
    status: always(struct({ phase: text })),
  }),
  ownsStatus: true,
  columns: [
    nameColumn,
    textColumn('Fault', ({ spec: { node } }) => (node ? `node ${node.name} ${node.effect}` : '')),
    textColumn('Phase', ({ status }) => status?.phase ?? 'Pending'),
    ageColumn,
  ],
  check({ spec: { node } }, problems) {
    if (!node) problems.required('spec.node', 'a fault is a fault of something')
    else {
      if (!node.name) problems.required('spec.node.name')
      problems.oneOf('spec.node.effect', node.effect, nodeEffects)
    }
  },
  checkUpdate({ spec }, previous, problems) {
    if (!isDeepStrictEqual(spec, previous.spec))
      problems.forbidden('spec', 'a fault does not change: delete it, and create another')
  },
})
