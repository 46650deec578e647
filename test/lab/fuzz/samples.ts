import type { JsonObject } from '../../../src/lab/apiserver/objects.ts'

/** A kind as the fuzz test knows it. */
export interface Sample {
  /** Where its objects are. */
  collection: string
  subresources: readonly string[]
  /** An object that the server takes. */
  object(name: string): JsonObject
}

/** Of an image that the lab does not have: whatever becomes of a pod, it never runs. */
const image = 'fuzz/none:v1'

const labels = { app: 'fuzz', tier: 'front' }
const probe = { httpGet: { path: '/', port: 'http' }, periodSeconds: 1, failureThreshold: 2 }

function podSpec(): JsonObject {
  return {
    containers: [
      {
        name: 'app',
        image,
        command: ['none', '--flag'],
        args: ['$(A)'],
        ports: [{ name: 'http', containerPort: 8000, protocol: 'TCP' }],
        env: [
          { name: 'A', value: 'x' },
          { name: 'B', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
        ],
        envFrom: [{ configMapRef: { name: 'a' } }],
        resources: { limits: { cpu: '100m', memory: '64Mi' }, requests: { cpu: '50m' } },
        readinessProbe: probe,
        livenessProbe: { exec: { command: ['none'] } },
        volumeMounts: [{ name: 'data', mountPath: '/data' }],
      },
    ],
    initContainers: [{ name: 'init', image, command: ['none'] }],
    volumes: [{ name: 'data', configMap: { name: 'a', items: [{ key: 'k', path: 'p' }] } }],
    tolerations: [{ key: 'a', operator: 'Exists', effect: 'NoExecute' }],
    nodeSelector: { 'kubernetes.io/os': 'linux' },
    terminationGracePeriodSeconds: 1,
    restartPolicy: 'Always',
  }
}

function workloadSpec(): JsonObject {
  return {
    replicas: 1,
    selector: { matchLabels: labels, matchExpressions: [{ key: 'app', operator: 'In', values: ['fuzz'] }] },
    template: { metadata: { labels, annotations: { a: 'b' } }, spec: podSpec() },
    minReadySeconds: 1,
  }
}

function metadata(name: string): JsonObject {
  return { name, labels, annotations: { note: 'x' } }
}

const inNamespace = '/api/v1/namespaces/default'

export const samples: readonly Sample[] = [
  {
    collection: `${inNamespace}/configmaps`,
    subresources: [],
    object: (name) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { ...metadata(name), finalizers: ['example.com/a'] },
      data: { k: 'v', other: '' },
      binaryData: { b: 'AAAA' },
    }),
  },
  {
    collection: `${inNamespace}/secrets`,
    subresources: [],
    object: (name) => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: metadata(name),
      stringData: { k: 'v' },
      type: 'Opaque',
    }),
  },
  {
    collection: `${inNamespace}/pods`,
    subresources: ['status', 'log', 'exec', 'binding', 'eviction', 'attach', 'portforward'],
    object: (name) => ({ apiVersion: 'v1', kind: 'Pod', metadata: metadata(name), spec: podSpec() }),
  },
  {
    collection: `${inNamespace}/services`,
    subresources: ['status'],
    object: (name) => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: metadata(name),
      spec: { selector: labels, ports: [{ name: 'http', port: 80, targetPort: 'http' }], sessionAffinity: 'None' },
    }),
  },
  {
    collection: `${inNamespace}/endpoints`,
    subresources: [],
    object: (name) => ({
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: metadata(name),
      subsets: [{ addresses: [{ ip: '198.18.67.9' }], ports: [{ name: 'http', port: 80 }] }],
    }),
  },
  {
    collection: `${inNamespace}/events`,
    subresources: [],
    object: (name) => ({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: metadata(name),
      involvedObject: { kind: 'Pod', name: 'a', namespace: 'default' },
      reason: 'Fuzzed',
      message: 'something',
      type: 'Normal',
      count: 1,
      source: { component: 'fuzz' },
      firstTimestamp: '2026-01-01T00:00:00Z',
      lastTimestamp: '2026-01-01T00:00:00Z',
    }),
  },
  {
    collection: `${inNamespace}/serviceaccounts`,
    subresources: [],
    object: (name) => ({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: metadata(name) }),
  },
  {
    collection: '/apis/apps/v1/namespaces/default/deployments',
    subresources: ['status', 'scale'],
    object: (name) => ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: metadata(name),
      spec: {
        ...workloadSpec(),
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: 0 } },
        progressDeadlineSeconds: 60,
        revisionHistoryLimit: 2,
        paused: true,
      },
    }),
  },
  {
    collection: '/apis/apps/v1/namespaces/default/replicasets',
    subresources: ['status', 'scale'],
    object: (name) => ({ apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: metadata(name), spec: workloadSpec() }),
  },
  {
    collection: '/apis/coordination.k8s.io/v1/namespaces/default/leases',
    subresources: [],
    object: (name) => ({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: metadata(name),
      spec: { holderIdentity: 'me', leaseDurationSeconds: 10, renewTime: '2026-01-01T00:00:00.000000Z' },
    }),
  },
  {
    collection: '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices',
    subresources: [],
    object: (name) => ({
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: metadata(name),
      addressType: 'IPv4',
      endpoints: [{ addresses: ['10.0.0.1'], conditions: { ready: true }, targetRef: { kind: 'Pod', name: 'a' } }],
      ports: [{ name: 'http', port: 80, protocol: 'TCP' }],
    }),
  },
  {
    collection: '/apis/policy/v1/namespaces/default/poddisruptionbudgets',
    subresources: ['status'],
    object: (name) => ({
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: metadata(name),
      spec: { minAvailable: '50%', selector: { matchLabels: labels } },
    }),
  },
  {
    collection: '/api/v1/namespaces',
    subresources: ['status', 'finalize'],
    object: (name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: metadata(name) }),
  },
  {
    collection: '/api/v1/nodes',
    subresources: ['status'],
    object: (name) => ({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: metadata(name),
      spec: { unschedulable: true, taints: [{ key: 'a', value: 'b', effect: 'NoSchedule' }] },
      status: { capacity: { cpu: '1', pods: '0' }, conditions: [{ type: 'Ready', status: 'False' }] },
    }),
  },
  {
    collection: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    subresources: [],
    object: (name) => ({
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      metadata: metadata(name),
      spec: { resourceAttributes: { verb: 'get', resource: 'pods', namespace: 'default' } },
    }),
  },
  {
    collection: '/apis/lab.chaos-test/v1/faults',
    subresources: ['status'],
    object: (name) => ({
      apiVersion: 'lab.chaos-test/v1',
      kind: 'Fault',
      metadata: metadata(name),
      spec: { node: { name: 'fuzz', effect: 'down' } },
    }),
  },
]
