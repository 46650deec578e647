import { conditions, objectMeta } from './meta.ts'
import {
  always,
  anything,
  flag,
  integer,
  intOrString,
  list,
  listBy,
  map,
  quantity,
  struct,
  text,
  unlessZero,
} from './schema.ts'

const httpGet = struct({
  path: text,
  port: intOrString,
  host: text,
  scheme: text,
  httpHeaders: list(struct({ name: text, value: text })),
})

const exec = struct({ command: list(text) })
const tcpSocket = struct({ port: intOrString, host: text })
const lifecycleHandler = struct({ exec, httpGet, tcpSocket })

const probe = struct({
  exec,
  httpGet,
  tcpSocket,
  grpc: struct({ port: integer, service: text }),
  initialDelaySeconds: integer,
  timeoutSeconds: integer,
  periodSeconds: integer,
  successThreshold: integer,
  failureThreshold: integer,
  terminationGracePeriodSeconds: integer,
})

const keySelector = struct({ name: text, key: text, optional: flag })

const environmentVariable = struct({
  name: text,
  value: text,
  valueFrom: struct({
    fieldRef: struct({ apiVersion: text, fieldPath: text }),
    resourceFieldRef: struct({ containerName: text, resource: text, divisor: quantity }),
    configMapKeyRef: keySelector,
    secretKeyRef: keySelector,
  }),
})

const sourceReference = struct({ name: text, optional: flag })

const container = struct({
  name: text,
  image: text,
  imagePullPolicy: text,
  command: list(text),
  args: list(text),
  workingDir: text,
  env: listBy('name', environmentVariable),
  envFrom: list(struct({ prefix: text, configMapRef: sourceReference, secretRef: sourceReference })),
  ports: listBy(
    'containerPort',
    struct({ name: text, containerPort: integer, hostPort: integer, hostIP: text, protocol: text }),
  ),
  resources: always(struct({ limits: map(quantity), requests: map(quantity) })),
  readinessProbe: probe,
  livenessProbe: probe,
  startupProbe: probe,
  restartPolicy: text,
  lifecycle: struct({ preStop: lifecycleHandler, postStart: lifecycleHandler }),
  volumeMounts: listBy('mountPath', struct({ name: text, mountPath: text, subPath: text, readOnly: unlessZero(flag) })),
  volumeDevices: listBy('devicePath', struct({ name: text, devicePath: text })),
  securityContext: struct({}),
  terminationMessagePath: text,
  terminationMessagePolicy: text,
})

const keyPaths = list(struct({ key: text, path: text, mode: integer }))
const fieldPaths = list(struct({ path: text, mode: integer, fieldRef: struct({ apiVersion: text, fieldPath: text }) }))

const toleration = struct({ key: text, operator: text, value: text, effect: text, tolerationSeconds: integer })

export const podSpec = always(
  struct({
    containers: always(listBy('name', container)),
    initContainers: listBy('name', container),
    ephemeralContainers: listBy('name', container),
    volumes: listBy(
      'name',
      struct({
        name: text,
        configMap: struct({ name: text, items: keyPaths, defaultMode: integer, optional: flag }),
        secret: struct({ secretName: text, items: keyPaths, defaultMode: integer, optional: flag }),
        emptyDir: struct({ medium: text, sizeLimit: quantity }),
        hostPath: struct({ path: text, type: text }),
        downwardAPI: struct({ items: fieldPaths, defaultMode: integer }),
        projected: struct({
          defaultMode: integer,
          sources: list(
            struct({
              configMap: struct({ name: text, items: keyPaths, optional: flag }),
              secret: struct({ name: text, items: keyPaths, optional: flag }),
              downwardAPI: struct({ items: fieldPaths }),
            }),
          ),
        }),
      }),
    ),
    imagePullSecrets: listBy('name', struct({ name: text })),
    hostAliases: listBy('ip', struct({ ip: text, hostnames: list(text) })),
    topologySpreadConstraints: listBy('topologyKey', struct({ topologyKey: text })),
    tolerations: list(toleration),
    readinessGates: list(struct({ conditionType: text })),
    nodeSelector: map(text),
    affinity: struct({}),
    securityContext: struct({}),
    restartPolicy: text,
    terminationGracePeriodSeconds: integer,
    activeDeadlineSeconds: integer,
    dnsPolicy: text,
    hostNetwork: unlessZero(flag),
    hostname: text,
    nodeName: unlessZero(text),
    priority: integer,
    schedulerName: text,
    serviceAccountName: text,
    serviceAccount: text,
    enableServiceLinks: flag,
  }),
)

export const podTemplate = always(struct({ metadata: objectMeta, spec: podSpec }))

const containerStatus = struct({
  name: text,
  image: text,
  imageID: text,
  containerID: text,
  ready: flag,
  started: flag,
  restartCount: integer,
  state: struct({ waiting: struct({}), running: struct({}), terminated: struct({}) }),
  lastState: struct({ waiting: struct({}), running: struct({}), terminated: struct({}) }),
})

export const podStatus = always(
  struct({
    phase: text,
    reason: text,
    message: text,
    qosClass: text,
    podIP: text,
    podIPs: listBy('ip', struct({ ip: text })),
    hostIP: text,
    startTime: text,
    conditions,
    initContainerStatuses: list(containerStatus),
    containerStatuses: list(containerStatus),
    ephemeralContainerStatuses: list(anything),
  }),
)
