import type { Node } from 'kubernetes-types/core/v1.d.ts'
import type { Stored } from '../objects.ts'
import { nodeSpec, nodeStatus } from '../schemas/core.ts'
import { struct } from '../schemas/schema.ts'
import { ageColumn, nameColumn, textColumn, wide } from '../tables/column.ts'
import { defineResource } from './define.ts'

const roleLabelPrefix = 'node-role.kubernetes.io/'

export const nodes = defineResource<Stored<Node>>({
  kind: 'Node',
  shortNames: ['no'],
  namespaced: false,
  schema: struct({ spec: nodeSpec, status: nodeStatus }),
  ownsStatus: true,
  keepsFirstStatus: true,
  selectableFields: { 'spec.unschedulable': ({ spec }) => String(spec?.unschedulable ?? false) },
  columns: [
    nameColumn,
    textColumn('Status', statusOf),
    textColumn('Roles', rolesOf),
    ageColumn,
    textColumn('Version', ({ status }) => status?.nodeInfo?.kubeletVersion ?? ''),
    wide(textColumn('Internal-IP', (node) => addressOf(node, 'InternalIP'))),
    wide(textColumn('External-IP', (node) => addressOf(node, 'ExternalIP'))),
    wide(textColumn('OS-Image', ({ status }) => status?.nodeInfo?.osImage || '<unknown>')),
    wide(textColumn('Kernel-Version', ({ status }) => status?.nodeInfo?.kernelVersion || '<unknown>')),
    wide(textColumn('Container-Runtime', ({ status }) => status?.nodeInfo?.containerRuntimeVersion || '<unknown>')),
  ],
})

function statusOf({ spec, status }: Stored<Node>): string {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')
  const condition = ready ? (ready.status === 'True' ? 'Ready' : 'NotReady') : 'Unknown'
  return spec?.unschedulable ? `${condition},SchedulingDisabled` : condition
}

function rolesOf({ metadata }: Stored<Node>): string {
  const roles = Object.keys(metadata.labels ?? {}).filter((label) => label.startsWith(roleLabelPrefix))
  return (
    roles
      .map((label) => label.slice(roleLabelPrefix.length))
      .sort()
      .join(',') || '<none>'
  )
}

function addressOf({ status }: Stored<Node>, type: string): string {
  return status?.addresses?.find((address) => address.type === type)?.address || '<none>'
}
