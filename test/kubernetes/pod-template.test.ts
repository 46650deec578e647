import { describe, expect, test } from 'vitest'
import type { PodTemplate } from '../../src/kubernetes/api/resources.ts'
import { isTemplate } from '../../src/kubernetes/changes/pod-template.ts'

const web = { name: 'web', image: 'web:v1', env: [{ name: 'A', value: '1' }] }
const wanted: PodTemplate = { metadata: { labels: { app: 'web' } }, spec: { containers: [web] } }

describe('a pod template that was put back', () => {
  test.each<[string, PodTemplate, boolean]>([
    ['is the wanted one', structuredClone(wanted), true],
    [
      'is the wanted one with what the server added by default',
      { ...wanted, spec: { ...wanted.spec, dnsPolicy: 'ClusterFirst' } as PodTemplate['spec'] },
      true,
    ],
    ['has another image', { ...wanted, spec: { containers: [{ ...web, image: 'web:v2' }] } }, false],
    ['has one more container', { ...wanted, spec: { containers: [web, { ...web, name: 'other' }] } }, false],
    [
      'has one more variable',
      { ...wanted, spec: { containers: [{ ...web, env: [...web.env, { name: 'B', value: '2' }] } as typeof web] } },
      false,
    ],
    [
      'has one more annotation',
      { ...wanted, metadata: { ...wanted.metadata, annotations: { restarted: 'now' } } },
      false,
    ],
    ['lacks a label', { ...wanted, metadata: {} }, false],
  ])('%s', (_, actual, expected) => {
    expect(isTemplate(actual, wanted)).toBe(expected)
  })
})
