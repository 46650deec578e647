import { isDeepStrictEqual } from 'node:util'
import type { Deployment, DeploymentSpec, RollingUpdateDeployment } from 'kubernetes-types/apps/v1.d.ts'
import { setPodSpecDefaults } from '../defaults/pod-spec.ts'
import type { Stored } from '../objects.ts'
import { struct } from '../schemas/schema.ts'
import { deploymentSpec, deploymentStatus } from '../schemas/workloads.ts'
import { ageColumn, integerColumn, nameColumn, textColumn } from '../tables/column.ts'
import { templateColumns } from '../tables/workloads.ts'
import type { Problems } from '../validation/problems.ts'
import { checkSelectorKept, checkShare, checkWorkload } from '../validation/workload.ts'
import { defineResource } from './define.ts'

export const deployments = defineResource<Stored<Deployment>>({
  group: 'apps',
  kind: 'Deployment',
  shortNames: ['deploy'],
  categories: ['all'],
  schema: struct({ spec: deploymentSpec, status: deploymentStatus }),
  ownsStatus: true,
  subresources: ['scale'],
  columns: [
    nameColumn,
    textColumn('Ready', ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 0}`),
    integerColumn('Up-to-date', ({ status }) => status?.updatedReplicas ?? 0),
    integerColumn('Available', ({ status }) => status?.availableReplicas ?? 0),
    ageColumn,
    ...templateColumns,
  ],

  prepareStatusUpdate(deployment, previous) {
    const { labels: _given, ...metadata } = deployment.metadata
    const { labels } = previous.metadata
    deployment.metadata = { ...metadata, ...(labels ? { labels } : {}) }
  },
  setDefaults({ spec }) {
    if (!spec) return
    spec.replicas ??= 1
    spec.revisionHistoryLimit ??= 10
    spec.progressDeadlineSeconds ??= 600
    spec.strategy ??= {}
    spec.strategy.type ||= 'RollingUpdate'
    if (spec.strategy.type === 'RollingUpdate') {
      spec.strategy.rollingUpdate = { maxUnavailable: '25%', maxSurge: '25%', ...spec.strategy.rollingUpdate }
    }
    if (spec.template?.spec) setPodSpecDefaults(spec.template.spec)
  },
  check({ spec }, problems) {
    if (!spec) return
    checkWorkload(spec, problems)
    checkStrategy(spec, problems)
    problems.notNegative('spec.revisionHistoryLimit', spec.revisionHistoryLimit)
    problems.notNegative('spec.progressDeadlineSeconds', spec.progressDeadlineSeconds)
    if ((spec.progressDeadlineSeconds ?? 0) <= (spec.minReadySeconds ?? 0)) {
      problems.invalid(
        'spec.progressDeadlineSeconds',
        spec.progressDeadlineSeconds,
        'must be greater than minReadySeconds',
      )
    }
  },
  checkUpdate({ spec }, previous, problems) {
    checkSelectorKept(spec, previous.spec, problems)
  },
  /** Annotations count too: the controller hands them on to the replica sets. */
  isNewGeneration: (deployment, previous) =>
    !isDeepStrictEqual(deployment.spec, previous.spec) ||
    !isDeepStrictEqual(deployment.metadata.annotations, previous.metadata.annotations),
})

function checkStrategy({ strategy = {} }: DeploymentSpec, problems: Problems): void {
  const { type, rollingUpdate } = strategy
  problems.oneOf('spec.strategy.type', type, ['Recreate', 'RollingUpdate'])
  if (type === 'Recreate' && rollingUpdate) {
    problems.forbidden('spec.strategy.rollingUpdate', "may not be specified when strategy `type` is 'Recreate'")
  }
  if (type === 'RollingUpdate' && rollingUpdate) checkRollingUpdate(rollingUpdate, problems)
}

function checkRollingUpdate({ maxSurge = 0, maxUnavailable = 0 }: RollingUpdateDeployment, problems: Problems): void {
  const field = 'spec.strategy.rollingUpdate'
  checkShare(maxUnavailable, `${field}.maxUnavailable`, problems)
  checkShare(maxSurge, `${field}.maxSurge`, problems)
  if (isNone(maxSurge) && isNone(maxUnavailable)) {
    problems.invalid(`${field}.maxUnavailable`, maxUnavailable, 'may not be 0 when `maxSurge` is 0')
  }
  if (typeof maxUnavailable === 'string' && Number.parseInt(maxUnavailable, 10) > 100) {
    problems.invalid(`${field}.maxUnavailable`, maxUnavailable, 'must not be greater than 100%')
  }
}

function isNone(value: number | string): boolean {
  return value === 0 || value === '0%'
}
