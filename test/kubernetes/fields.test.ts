import fastJsonPatch, { type Operation } from 'fast-json-patch'
import { describe, expect, test } from 'vitest'
import type { PatchOperation } from '../../src/kubernetes/api/resources.ts'
import { changesBetween, type FieldValue, patchFor, restoring } from '../../src/kubernetes/changes/fields.ts'

const apply = (object: object, patch: readonly PatchOperation[]): unknown =>
  fastJsonPatch.applyPatch(structuredClone(object), patch as Operation[], true).newDocument

const web = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', resourceVersion: '7', generation: 1, labels: { app: 'web' } },
  spec: { replicas: 1, template: { spec: { containers: [{ name: 'web', image: 'web:v1' }] } } },
  status: { replicas: 1 },
}

describe('what two versions of an object differ in', () => {
  test('is what can be set, as far down as both have it, lists as a whole', () => {
    const after = {
      ...web,
      metadata: { name: 'web', resourceVersion: '8', generation: 2, labels: { app: 'web', 'a/b~c': 'x' } },
      spec: { replicas: 2, paused: true, template: { spec: { containers: [] } } },
      status: { replicas: 2 },
    }
    expect(changesBetween(web, after)).toEqual([
      { path: '/metadata/labels/a~1b~0c', after: 'x' },
      { path: '/spec/replicas', before: 1, after: 2 },
      { path: '/spec/template/spec/containers', before: [{ name: 'web', image: 'web:v1' }], after: [] },
      { path: '/spec/paused', after: true },
    ])
  })

  test('is a label each, also where there were none', () => {
    const before = { metadata: { name: 'web' } }
    const after = { metadata: { name: 'web', labels: { a: '1', b: '2' }, annotations: { c: '3' } } }
    const changes = changesBetween(before, after)
    expect(changes.map(({ path }) => path)).toEqual([
      '/metadata/labels/a',
      '/metadata/labels/b',
      '/metadata/annotations/c',
    ])
    expect(apply(before, patchFor(before, changes))).toEqual(after)
  })

  test('is nothing where they are the same', () => {
    expect(changesBetween(web, structuredClone(web))).toEqual([])
  })
})

describe('fields that are put back', () => {
  const fields: FieldValue[] = [
    { path: '/spec/replicas', value: 1 },
    { path: '/spec/paused' },
    { path: '/data/a~1b', value: 'x' },
    { path: '/data/c', value: 'y' },
  ]

  test('need no patch where they are as they were', () => {
    expect(restoring({ spec: { replicas: 1 }, data: { 'a/b': 'x', c: 'y' } }, fields)).toEqual([])
  })

  test('are there again, with the maps that they were in, and leave the others alone', () => {
    const now = { spec: { replicas: 3, paused: true, theirs: 'kept' } }
    const operations = restoring(now, fields)
    expect(apply(now, operations)).toEqual({
      spec: { replicas: 1, theirs: 'kept' },
      data: { 'a/b': 'x', c: 'y' },
    })
  })

  test('are tested before they are changed, where they were there', () => {
    const changes = [
      { path: '/spec/replicas', before: 1, after: 2 },
      { path: '/spec/paused', after: true },
    ]
    const patch = patchFor(web, changes)
    expect(patch.filter(({ op }) => op === 'test')).toEqual([{ op: 'test', path: '/spec/replicas', value: 1 }])
    expect(() => apply({ spec: { replicas: 5 } }, patch)).toThrow()
  })
})
