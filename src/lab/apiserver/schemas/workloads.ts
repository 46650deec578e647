import { conditions, labelSelector } from './meta.ts'
import { podTemplate } from './pod.ts'
import { always, flag, integer, intOrString, struct, text } from './schema.ts'

export const deploymentSpec = always(
  struct({
    replicas: integer,
    selector: labelSelector,
    template: podTemplate,
    strategy: always(
      struct({ type: text, rollingUpdate: struct({ maxSurge: intOrString, maxUnavailable: intOrString }) }),
    ),
    minReadySeconds: integer,
    progressDeadlineSeconds: integer,
    revisionHistoryLimit: integer,
    paused: flag,
  }),
)

const counts = {
  observedGeneration: integer,
  replicas: integer,
  readyReplicas: integer,
  availableReplicas: integer,
  conditions,
}

export const deploymentStatus = always(
  struct({ ...counts, updatedReplicas: integer, unavailableReplicas: integer, collisionCount: integer }),
)

export const replicaSetSpec = always(
  struct({ replicas: integer, minReadySeconds: integer, selector: labelSelector, template: podTemplate }),
)

export const replicaSetStatus = always(struct({ ...counts, fullyLabeledReplicas: integer }))

export const scaleSpec = always(struct({ replicas: integer }))
