import type { Container, PodSpec, Probe } from 'kubernetes-types/core/v1.d.ts'

/** Fills in what a pod's spec does not say, as Kubernetes does. */
export function setPodSpecDefaults(spec: PodSpec): void {
  spec.restartPolicy ??= 'Always'
  spec.terminationGracePeriodSeconds ??= 30
  spec.dnsPolicy ??= 'ClusterFirst'
  spec.schedulerName ??= 'default-scheduler'
  spec.securityContext ??= {}
  spec.enableServiceLinks ??= true
  if (spec.serviceAccountName) spec.serviceAccount ??= spec.serviceAccountName
  for (const container of [...(spec.initContainers ?? []), ...spec.containers]) setContainerDefaults(container)
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
  const { limits, requests } = container.resources ?? {}
  if (limits) container.resources = { ...container.resources, requests: { ...limits, ...requests } }
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
