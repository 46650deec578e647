import { describe, expect, test } from 'vitest'
import type { Deployment, DeploymentCounts, DeploymentSpec } from '../../src/kubernetes/api/resources.ts'
import { progressOf } from '../../src/kubernetes/watch/progress.ts'

function deployment(status: DeploymentCounts, spec: Partial<DeploymentSpec> = {}): Deployment {
  return {
    metadata: { namespace: 'default', name: 'web', uid: 'a-uid', generation: 2 },
    spec: { replicas: 2, selector: {}, template: { spec: { containers: [] } }, ...spec },
    status: { observedGeneration: 2, ...status },
  }
}

const overdue = { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message: 'timed out' }

describe('the progress of a rollout', () => {
  test.each<[string, Deployment, string, string]>([
    [
      'a status of the spec before says nothing',
      deployment({ observedGeneration: 1, replicas: 2, updatedReplicas: 2, availableReplicas: 2 }),
      'progressing',
      'waiting for the change to be observed',
    ],
    [
      'no new pod yet',
      deployment({ replicas: 2, availableReplicas: 2 }),
      'progressing',
      '0 of 2 updated, 2 available, waiting for 2 new pods',
    ],
    [
      'an old pod still stands',
      deployment({ replicas: 3, updatedReplicas: 2, availableReplicas: 3 }),
      'progressing',
      '2 of 2 updated, 3 available, waiting for the old pod to end',
    ],
    [
      'the new pods are not available yet',
      deployment({ replicas: 2, updatedReplicas: 2, availableReplicas: 1 }),
      'progressing',
      '2 of 2 updated, 1 available, waiting for a pod to be available',
    ],
    [
      'the new pods are not available, and the old ones stay for that',
      deployment({ replicas: 4, updatedReplicas: 2, availableReplicas: 2 }),
      'progressing',
      '2 of 2 updated, 2 available, waiting for 2 pods to be available',
    ],
    [
      'all is new and available',
      deployment({ replicas: 2, updatedReplicas: 2, availableReplicas: 2 }),
      'complete',
      '2 of 2 updated, 2 available',
    ],
    [
      'there are more pods than asked for',
      deployment({ replicas: 2, updatedReplicas: 2, availableReplicas: 2 }, { replicas: 0 }),
      'progressing',
      '2 of 0 updated, 2 available, waiting for 2 pods too many to end',
    ],
    ['nothing is asked for', deployment({}, { replicas: 0 }), 'complete', '0 of 0 updated, 0 available'],
    [
      'it is overdue',
      deployment({ replicas: 3, updatedReplicas: 1, availableReplicas: 2, conditions: [overdue] }),
      'deadline-exceeded',
      '1 of 2 updated, 2 available, waiting for the new pod, the progress deadline is exceeded',
    ],
    [
      'it is paused',
      deployment({ replicas: 2, availableReplicas: 2 }, { paused: true }),
      'progressing',
      '0 of 2 updated, 2 available, waiting for 2 new pods, paused',
    ],
    [
      'pods cannot be created',
      deployment({
        replicas: 2,
        availableReplicas: 2,
        conditions: [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'exceeded quota' }],
      }),
      'progressing',
      '0 of 2 updated, 2 available, waiting for 2 new pods, exceeded quota',
    ],
  ])('%s', (_, seen, state, message) => {
    expect(progressOf(seen)).toMatchObject({ state, message })
  })

  test('what a status of the spec before counts as updated is old', () => {
    const status = { observedGeneration: 1, replicas: 2, updatedReplicas: 2, availableReplicas: 2 }
    expect(progressOf(deployment(status)).counts).toEqual({
      desired: 2,
      updated: 0,
      available: 2,
      unavailable: 0,
      old: 2,
    })
  })
})
