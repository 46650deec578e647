import { describe, expect, test } from 'vitest'
import { surgeAndUnavailable } from '../../../src/lab/controllers/deployment/fenceposts.ts'
import { isSameTemplate, templateHash } from '../../../src/lab/controllers/deployment/template.ts'
import { deploymentOf, imageOf, Simulation } from './simulation.ts'

const rolling = (maxSurge: number | string, maxUnavailable: number | string) => ({
  type: 'RollingUpdate',
  rollingUpdate: { maxSurge, maxUnavailable },
})

function running(...options: Parameters<typeof deploymentOf>): Simulation {
  const simulation = new Simulation(deploymentOf(...options))
  simulation.run()
  return simulation
}

describe('a new deployment', () => {
  test('gets a ReplicaSet of its size, revision 1, and is complete when its pods are available', () => {
    const simulation = new Simulation(deploymentOf({ replicas: 3 }))
    simulation.settle()
    expect(simulation.sizes()).toEqual({ 'web:v1': 3 })
    expect(simulation.condition('Progressing')).toBe('True ReplicaSetUpdated')
    expect(simulation.condition('Available')).toBe('False MinimumReplicasUnavailable')
    simulation.run()
    expect(simulation.condition('Progressing')).toBe('True NewReplicaSetAvailable')
    expect(simulation.condition('Available')).toBe('True MinimumReplicasAvailable')
    expect(simulation.deployment.metadata?.annotations).toEqual({ 'deployment.kubernetes.io/revision': '1' })
    expect(simulation.deployment.status).toMatchObject({ replicas: 3, updatedReplicas: 3, availableReplicas: 3 })
    expect(simulation.deployment.status).not.toHaveProperty('unavailableReplicas')
  })

  test('its ReplicaSet selects its own pods and none of another template', () => {
    const [replicaSet] = running().replicaSets
    const hash = replicaSet?.metadata?.labels?.['pod-template-hash']
    expect(hash).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]+$/)
    expect(replicaSet?.metadata?.name).toBe(`web-${hash}`)
    expect(replicaSet?.spec?.selector.matchLabels).toEqual({ app: 'web', 'pod-template-hash': hash })
    expect(replicaSet?.spec?.template?.metadata?.labels).toEqual({ app: 'web', 'pod-template-hash': hash })
    expect(replicaSet?.metadata?.ownerReferences).toMatchObject([
      { kind: 'Deployment', uid: 'web-uid', controller: true },
    ])
  })
})

describe('a rolling update', () => {
  const bounds = [
    { replicas: 1, strategy: rolling(1, 0) },
    { replicas: 1, strategy: rolling('25%', '25%') },
    { replicas: 4, strategy: rolling(0, 1) },
    { replicas: 10, strategy: rolling('25%', '25%') },
    { replicas: 10, strategy: rolling(3, 0) },
    { replicas: 7, strategy: rolling('100%', '50%') },
    { replicas: 5, strategy: rolling(0, 0) },
  ]
  test.each(bounds)('keeps within its bounds: $replicas replicas, $strategy.rollingUpdate', (options) => {
    const simulation = running(options)
    const { surge, unavailable } = surgeAndUnavailable(simulation.deployment)
    simulation.setImage('web:v2')
    simulation.run(() => {
      expect(simulation.total).toBeLessThanOrEqual(options.replicas + surge)
      expect(simulation.available).toBeGreaterThanOrEqual(options.replicas - unavailable)
    })
    expect(simulation.sizes()).toEqual({ 'web:v1': 0, 'web:v2': options.replicas })
    expect(simulation.condition('Progressing')).toBe('True NewReplicaSetAvailable')
  })

  test('takes away pods of an earlier, broken rollout first', () => {
    const simulation = running({ replicas: 10, strategy: rolling(3, 2) })
    simulation.broken.add('web:broken')
    simulation.setImage('web:broken')
    simulation.run()
    expect(simulation.sizes()).toEqual({ 'web:v1': 8, 'web:broken': 5 })
    simulation.setImage('web:v3')
    simulation.settle()
    expect(simulation.sizes()).toMatchObject({ 'web:v1': 8, 'web:broken': 0, 'web:v3': 5 })
    simulation.run()
    expect(simulation.sizes()).toEqual({ 'web:v1': 0, 'web:broken': 0, 'web:v3': 10 })
  })

  test('goes back to the ReplicaSet that it had, with a new revision and the earlier ones remembered', () => {
    const simulation = running()
    for (const image of ['web:v2', 'web:v1', 'web:v3', 'web:v1']) {
      simulation.setImage(image)
      simulation.run()
    }
    expect(simulation.replicaSets.map(imageOf)).toEqual(['web:v1', 'web:v2', 'web:v3'])
    expect(simulation.annotation('web:v1', 'revision')).toBe('5')
    expect(simulation.annotation('web:v1', 'revision-history')).toBe('1,3')
    expect(simulation.annotation('web:v2', 'revision-history')).toBeUndefined()
    expect(simulation.deployment.metadata?.annotations?.['deployment.kubernetes.io/revision']).toBe('5')
  })

  test('hands its annotations on, but not those of its own bookkeeping', () => {
    const simulation = running()
    const annotations = {
      ...simulation.deployment.metadata?.annotations,
      team: 'a',
      'kubectl.kubernetes.io/last-applied-configuration': '{}',
    }
    simulation.deployment = { ...simulation.deployment, metadata: { ...simulation.deployment.metadata, annotations } }
    simulation.settle()
    expect(Object.keys(simulation.replicaSets[0]?.metadata?.annotations ?? {}).sort()).toEqual([
      'deployment.kubernetes.io/desired-replicas',
      'deployment.kubernetes.io/max-replicas',
      'deployment.kubernetes.io/revision',
      'team',
    ])
  })

  test('keeps only as many old ReplicaSets as revisionHistoryLimit says', () => {
    const simulation = running({ revisionHistoryLimit: 2 })
    for (const image of ['web:v2', 'web:v3', 'web:v4', 'web:v5']) {
      simulation.setImage(image)
      simulation.run()
    }
    expect(simulation.replicaSets.map(imageOf)).toEqual(['web:v3', 'web:v4', 'web:v5'])
  })
})

describe('the progress deadline', () => {
  test('is exceeded when nothing progressed for so long, and stays so; the old pods serve on', () => {
    const simulation = running({ progressDeadlineSeconds: 20, strategy: rolling(1, 0) })
    simulation.broken.add('web:v3')
    simulation.setImage('web:v3')
    const againAfterMs = simulation.settle()
    expect(againAfterMs).toBeGreaterThan(19_000)
    expect(againAfterMs).toBeLessThanOrEqual(21_000)
    simulation.now += 19_000
    simulation.settle()
    expect(simulation.condition('Progressing')).toBe('True NewReplicaSetCreated')
    simulation.now += 2_000
    expect(simulation.settle()).toBeUndefined()
    expect(simulation.condition('Progressing')).toBe('False ProgressDeadlineExceeded')
    expect(simulation.condition('Available')).toBe('True MinimumReplicasAvailable')
    expect(simulation.sizes()).toEqual({ 'web:v1': 1, 'web:v3': 1 })
  })

  test('going back after it is progress again', () => {
    const simulation = running({ progressDeadlineSeconds: 1, strategy: rolling(1, 0) })
    simulation.broken.add('web:v3')
    simulation.setImage('web:v3')
    simulation.settle()
    simulation.now += 3_000
    simulation.settle()
    expect(simulation.condition('Progressing')).toBe('False ProgressDeadlineExceeded')
    simulation.setImage('web:v1')
    simulation.run()
    expect(simulation.condition('Progressing')).toBe('True NewReplicaSetAvailable')
    expect(simulation.sizes()).toEqual({ 'web:v1': 1, 'web:v3': 0 })
  })

  test('there is none without progressDeadlineSeconds', () => {
    const simulation = running({ progressDeadlineSeconds: 2 ** 31 - 1 })
    expect(simulation.condition('Progressing')).toBeUndefined()
  })
})

describe('scaling', () => {
  test('changes the size of the only ReplicaSet, and its annotations', () => {
    const simulation = running({ replicas: 2 })
    simulation.change({ replicas: 6 })
    simulation.run()
    expect(simulation.sizes()).toEqual({ 'web:v1': 6 })
    expect(simulation.annotation('web:v1', 'desired-replicas')).toBe('6')
    expect(simulation.annotation('web:v1', 'max-replicas')).toBe('8')
    simulation.change({ replicas: 0 })
    simulation.run()
    expect(simulation.sizes()).toEqual({ 'web:v1': 0 })
    expect(simulation.condition('Progressing')).toBe('True NewReplicaSetAvailable')
  })

  test('in the middle of a rollout keeps the mixture of versions', () => {
    const simulation = running({ replicas: 10, strategy: rolling('25%', '25%') })
    simulation.broken.add('web:v2')
    simulation.setImage('web:v2')
    simulation.run()
    expect(simulation.sizes()).toEqual({ 'web:v1': 8, 'web:v2': 5 })
    simulation.change({ replicas: 15 })
    simulation.settle()
    expect(simulation.sizes()).toEqual({ 'web:v1': 12, 'web:v2': 7 })
    expect(simulation.annotation('web:v1', 'desired-replicas')).toBe('15')
    simulation.change({ replicas: 5 })
    simulation.settle()
    expect(simulation.total).toBe(7)
  })
})

describe('a paused deployment', () => {
  test('follows a change of size but not of the template, until it is resumed', () => {
    const simulation = running({ replicas: 2 })
    simulation.change({ paused: true })
    simulation.setImage('web:v2')
    simulation.change({ replicas: 4 })
    simulation.run()
    expect(simulation.sizes()).toEqual({ 'web:v1': 4 })
    expect(simulation.condition('Progressing')).toBe('Unknown DeploymentPaused')
    simulation.change({ paused: false })
    simulation.run()
    expect(simulation.sizes()).toEqual({ 'web:v1': 0, 'web:v2': 4 })
    expect(simulation.condition('Progressing')).toBe('True NewReplicaSetAvailable')
  })
})

describe('Recreate', () => {
  test('ends all old pods before it starts a new one', () => {
    const simulation = running({ replicas: 3, strategy: { type: 'Recreate' } })
    simulation.setImage('web:v2')
    simulation.run(() => {
      const versions = Object.values(simulation.sizes()).filter((size) => size > 0)
      expect(versions.length).toBeLessThanOrEqual(1)
    })
    expect(simulation.sizes()).toEqual({ 'web:v1': 0, 'web:v2': 3 })
  })
})

describe('a template', () => {
  const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'web:v1' }] } }

  test('is the same whatever the order of its members, and with the hash of its ReplicaSet', () => {
    const other = {
      spec: { containers: [{ image: 'web:v1', name: 'web' }] },
      metadata: { labels: { 'pod-template-hash': 'abc', app: 'web' } },
    }
    expect(isSameTemplate(template, other)).toBe(true)
    expect(templateHash(template)).toBe(templateHash(other))
  })

  test('is another one with another image, and has another name when its name was taken', () => {
    const other = { ...template, spec: { containers: [{ name: 'web', image: 'web:v2' }] } }
    expect(isSameTemplate(template, other)).toBe(false)
    expect(templateHash(template)).not.toBe(templateHash(other))
    expect(templateHash(template)).not.toBe(templateHash(template, 1))
  })
})

describe('the fenceposts of a rolling update', () => {
  const cases = [
    { replicas: 10, maxSurge: '25%', maxUnavailable: '25%', surge: 3, unavailable: 2 },
    { replicas: 1, maxSurge: '25%', maxUnavailable: '25%', surge: 1, unavailable: 0 },
    { replicas: 3, maxSurge: 0, maxUnavailable: '10%', surge: 0, unavailable: 1 },
    { replicas: 2, maxSurge: 1, maxUnavailable: 5, surge: 1, unavailable: 2 },
  ]
  test.each(cases)('$replicas replicas, $maxSurge and $maxUnavailable', ({ surge, unavailable, ...given }) => {
    const deployment = deploymentOf({ ...given, strategy: rolling(given.maxSurge, given.maxUnavailable) })
    expect(surgeAndUnavailable(deployment)).toEqual({ surge, unavailable })
  })
})
