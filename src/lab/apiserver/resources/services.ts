import type { Service, ServicePort } from 'kubernetes-types/core/v1.d.ts'
import type { Stored } from '../objects.ts'
import { serviceSpec, serviceStatus } from '../schemas/core.ts'
import { struct } from '../schemas/schema.ts'
import { ageColumn, nameColumn, textColumn, wide } from '../tables/column.ts'
import { dns1035Label } from '../validation/names.ts'
import { checkService, checkServiceUpdate } from '../validation/service.ts'
import { defineResource } from './define.ts'
import type { Resource } from './resource.ts'
import { allocateServiceAddress } from './service-addresses.ts'

export type StoredService = Stored<Service>

export const services: Resource<StoredService> = defineResource<StoredService>({
  kind: 'Service',
  shortNames: ['svc'],
  categories: ['all'],
  nameRule: dns1035Label,
  schema: struct({ spec: serviceSpec, status: serviceStatus }),
  ownsStatus: true,
  selectableFields: { 'spec.type': ({ spec }) => spec?.type, 'spec.clusterIP': ({ spec }) => spec?.clusterIP },
  columns: [
    nameColumn,
    textColumn('Type', ({ spec }) => spec?.type ?? ''),
    textColumn('Cluster-IP', ({ spec }) => spec?.clusterIP || '<none>'),
    textColumn('External-IP', externalAddress),
    textColumn('Port(s)', ({ spec }) => (spec?.ports ?? []).map(portText).join(',') || '<none>'),
    ageColumn,
    wide(textColumn('Selector', ({ spec }) => selectorText(spec?.selector))),
  ],

  prepareCreate(service) {
    service.status = { loadBalancer: {} }
  },
  prepareUpdate({ spec }, previous) {
    if (!spec || spec.type === 'ExternalName') return
    spec.clusterIP ||= previous.spec?.clusterIP ?? ''
  },
  setDefaults({ spec }) {
    if (!spec) return
    spec.type ||= 'ClusterIP'
    spec.sessionAffinity ||= 'None'
    for (const port of spec.ports ?? []) {
      port.protocol ||= 'TCP'
      port.targetPort ||= port.port
    }
    if (spec.sessionAffinity === 'ClientIP') {
      spec.sessionAffinityConfig ??= { clientIP: { timeoutSeconds: 10_800 } }
    }
    if (spec.type !== 'ExternalName') {
      spec.internalTrafficPolicy ||= 'Cluster'
      spec.ipFamilies ??= ['IPv4']
      spec.ipFamilyPolicy ||= 'SingleStack'
    }
  },
  check: ({ spec }, problems) => {
    if (spec) checkService(spec, problems)
  },
  checkUpdate({ spec }, previous, problems) {
    checkServiceUpdate(spec ?? {}, previous.spec ?? {}, problems)
  },
  allocate: (service, _previous, cluster) => allocateServiceAddress(service, services, cluster),
})

function externalAddress({ spec, status }: StoredService): string {
  if (spec?.type === 'ExternalName') return spec.externalName ?? ''
  const ingress = (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip ?? hostname ?? '')
  const addresses = [...ingress, ...(spec?.externalIPs ?? [])]
  if (addresses.length > 0) return addresses.join(',')
  return spec?.type === 'LoadBalancer' ? '<pending>' : '<none>'
}

function portText({ port, nodePort, protocol }: ServicePort): string {
  return `${port}${nodePort ? `:${nodePort}` : ''}/${protocol}`
}

function selectorText(selector: Readonly<Record<string, string>> = {}): string {
  const pairs = Object.entries(selector).map(([key, value]) => `${key}=${value}`)
  return pairs.sort().join(',') || '<none>'
}
