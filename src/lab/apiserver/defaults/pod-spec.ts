import type { Container, PodSpec, Probe } from 'kubernetes-types/core/v1.d.ts'

/** Of the files of a mounted ConfigMap or Secret. */
const fileMode = 0o644

/** Fills in what the spec of a pod does not say, as Kubernetes does. */
export function setPodDefaults(spec: PodSpec): void {
  setPodSpecDefaults(spec)
  spec.enableServiceLinks ??= true
  for (const { resources } of containersOf(spec)) {
    if (resources?.limits) resources.requests = { ...resources.limits, ...resources.requests }
  }
}

/** Fills in what a spec, of a pod or of a template of pods, does not say. */
export function setPodSpecDefaults(spec: PodSpec): void {
  spec.restartPolicy ??= 'Always'
  spec.terminationGracePeriodSeconds ??= 30
  spec.dnsPolicy ??= 'ClusterFirst'
  spec.schedulerName ??= 'default-scheduler'
  spec.securityContext ??= {}
  if (spec.serviceAccountName) spec.serviceAccount ??= spec.serviceAccountName
  for (const { configMap, secret, downwardAPI, projected, hostPath } of spec.volumes ?? []) {
    for (const source of [configMap, secret, downwardAPI, projected]) if (source) source.defaultMode ??= fileMode
    const fields = [downwardAPI, ...(projected?.sources ?? []).map((source) => source.downwardAPI)]
    for (const { fieldRef } of fields.flatMap((source) => source?.items ?? []))
      if (fieldRef) fieldRef.apiVersion ??= 'v1'
    if (hostPath) hostPath.type ??= ''
  }
  for (const container of containersOf(spec)) setContainerDefaults(container)
}

function containersOf(spec: PodSpec): Container[] {
  return [...(spec.initContainers ?? []), ...spec.containers]
}

function setContainerDefaults(container: Container): void {
  container.imagePullPolicy ??= isLatest(container.image ?? '') ? 'Always' : 'IfNotPresent'
  container.terminationMessagePath ??= '/dev/termination-log'
  container.terminationMessagePolicy ??= 'File'
  for (const port of container.ports ?? []) port.protocol ??= 'TCP'
  for (const { valueFrom } of container.env ?? []) {
    if (valueFrom?.fieldRef) valueFrom.fieldRef.apiVersion ??= 'v1'
  }
  for (const probe of [container.livenessProbe, container.readinessProbe, container.startupProbe]) {
    if (probe) setProbeDefaults(probe)
  }
}

function setProbeDefaults(probe: Probe): void {
  probe.timeoutSeconds ||= 1
  probe.periodSeconds ||= 10
  probe.successThreshold ||= 1
  probe.failureThreshold ||= 3
  if (probe.httpGet) {
    probe.httpGet.path ||= '/'
    probe.httpGet.scheme ||= 'HTTP'
  }
}

/** Whether an image is without a tag or digest, or has the tag `latest`. */
function isLatest(image: string): boolean {
  const name = image.slice(image.lastIndexOf('/') + 1)
  return !name.includes('@') && (!name.includes(':') || name.endsWith(':latest'))
}
