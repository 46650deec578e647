import { conditions, labelSelector } from './meta.ts'
import { podTemplate } from './pod.ts'
import { always, flag, integer, intOrString, struct, text, unlessZero } from './schema.ts'

export const deploymentSpec = always(
  struct({
    replicas: integer,
    selector: labelSelector,
    template: podTemplate,
    strategy: always(
      struct({ type: text, rollingUpdate: struct({ maxSurge: intOrString, maxUnavailable: intOrString }) }),
    ),
    minReadySeconds: unlessZero(integer),
    progressDeadlineSeconds: integer,
    revisionHistoryLimit: integer,
    paused: unlessZero(flag),
  }),
)

const count = unlessZero(integer)

const counts = {
  observedGeneration: count,
  readyReplicas: count,
  availableReplicas: count,
  conditions,
}

export const deploymentStatus = always(
  struct({ ...counts, replicas: count, updatedReplicas: count, unavailableReplicas: count, collisionCount: integer }),
)

export const replicaSetSpec = always(
  struct({ replicas: integer, minReadySeconds: unlessZero(integer), selector: labelSelector, template: podTemplate }),
)

export const replicaSetStatus = always(struct({ ...counts, replicas: integer, fullyLabeledReplicas: count }))

export const scaleSpec = always(struct({ replicas: integer }))
