import { conditions, objectReference } from './meta.ts'
import {
  always,
  flag,
  integer,
  intOrString,
  list,
  listBy,
  map,
  quantity,
  struct,
  text,
  union,
  unlessZero,
} from './schema.ts'

export const serviceSpec = always(
  struct({
    type: text,
    selector: map(text),
    ports: listBy(
      'port',
      struct({
        name: text,
        protocol: text,
        port: integer,
        targetPort: intOrString,
        nodePort: integer,
        appProtocol: text,
      }),
    ),
    clusterIP: unlessZero(text),
    clusterIPs: list(text),
    externalIPs: list(text),
    externalName: text,
    loadBalancerIP: text,
    sessionAffinity: text,
    sessionAffinityConfig: struct({ clientIP: struct({ timeoutSeconds: integer }) }),
    publishNotReadyAddresses: unlessZero(flag),
    ipFamilies: list(text),
    ipFamilyPolicy: text,
    internalTrafficPolicy: text,
  }),
)

export const serviceStatus = always(
  struct({ loadBalancer: always(struct({ ingress: list(struct({ ip: text, hostname: text })) })), conditions }),
)

const endpointAddress = struct({ ip: text, hostname: text, nodeName: text, targetRef: objectReference })

export const endpointSubsets = list(
  struct({
    addresses: list(endpointAddress),
    notReadyAddresses: list(endpointAddress),
    ports: list(struct({ name: text, port: integer, protocol: text, appProtocol: text })),
  }),
)

export const sliceEndpoints = always(
  list(
    struct({
      addresses: list(text),
      conditions: always(struct({ ready: flag, serving: flag, terminating: flag })),
      hostname: text,
      nodeName: text,
      targetRef: objectReference,
      zone: text,
    }),
  ),
)

export const slicePorts = list(struct({ name: text, port: integer, protocol: text, appProtocol: text }))

export const namespaceSpec = always(struct({ finalizers: list(text) }))

export const namespaceStatus = always(struct({ phase: text, conditions }))

export const nodeSpec = always(
  struct({
    podCIDR: text,
    podCIDRs: union(text),
    providerID: text,
    unschedulable: unlessZero(flag),
    taints: list(struct({ key: text, value: text, effect: text, timeAdded: text })),
  }),
)

export const nodeStatus = always(
  struct({
    addresses: listBy('type', struct({ type: text, address: text })),
    capacity: map(quantity),
    allocatable: map(quantity),
    conditions,
    nodeInfo: struct({}),
    images: list(struct({ names: list(text), sizeBytes: integer })),
  }),
)

export const eventFields = {
  involvedObject: always(objectReference),
  related: objectReference,
  reason: text,
  message: text,
  type: text,
  action: text,
  source: always(struct({ component: text, host: text })),
  firstTimestamp: text,
  lastTimestamp: text,
  eventTime: text,
  count: integer,
  reportingComponent: text,
  reportingInstance: text,
  series: struct({ count: integer, lastObservedTime: text }),
}

export const leaseSpec = always(
  struct({
    holderIdentity: text,
    leaseDurationSeconds: integer,
    acquireTime: text,
    renewTime: text,
    leaseTransitions: integer,
  }),
)
