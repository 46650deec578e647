/**
 * The lab: an embedded cluster. This is its only door for the framework; behind it runs a program of its own, which is
 * spoken to over the Kubernetes API.
 */

export { loopbackAddress, mostLabNodes } from './addresses.ts'
export type { Fault } from './client/resources.ts'
export type { ApiServerFault, Called, FaultSpec, NamesFault, PodSet, ProcessFault, TrafficFault } from './faults.ts'
export type { ImageCatalogue, LocalImage } from './images.ts'
export { sweep } from './kubelet/leftovers.ts'
export { readManifests } from './manifest-files.ts'
export { secretsInManifests } from './manifest-secrets.ts'
export type { GoneLab, NamedLab, RunningLab, StartingLab } from './named.ts'
export { endNamedLab, findNamedLab, isLabName, labNameRule, namedLabs, startNamedLab } from './named.ts'
export type { DeploymentOverview, LabOverview, NodeOverview, PodOverview } from './overview.ts'
export { labOverview } from './overview.ts'
export type { Lab, LabInfo, LabOptions, MetricsBackend } from './process.ts'
export { startLab } from './process.ts'
