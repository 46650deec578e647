import { expect, test } from 'vitest'
import { resolveImage } from '../../../src/lab/images.ts'

const catalogue = {
  'counter/service2': { command: ['node', 'service2.ts', '{tag}'], env: { VERSION: '{tag}' }, tags: ['v1', 'v2'] },
  'counter/service2:v9': { command: ['node', 'next.ts', '{tag}'] },
  'registry:5000/app': { command: ['app'] },
  pause: { command: ['sleep', '{tag}'] },
}

test('the tag is filled in', () => {
  expect(resolveImage(catalogue, 'counter/service2:v2')).toEqual({
    command: ['node', 'service2.ts', 'v2'],
    env: { VERSION: 'v2' },
  })
})

test('the exact reference comes first', () => {
  expect(resolveImage(catalogue, 'counter/service2:v9').command).toEqual(['node', 'next.ts', 'v9'])
})

test('a port of a registry is no tag, and a missing tag is latest', () => {
  expect(resolveImage(catalogue, 'registry:5000/app').command).toEqual(['app'])
  expect(resolveImage(catalogue, 'pause').command).toEqual(['sleep', 'latest'])
  expect(resolveImage(catalogue, 'pause:3@sha256:0123').command).toEqual(['sleep', '3'])
})

test.each([
  ['counter/service2:v3', 'v1, v2'],
  ['counter/service2', 'v1, v2'],
  ['unknown:v1', 'counter/service2, counter/service2:v9, registry:5000/app, pause'],
  ['constructor', 'counter/service2'],
])('%s is not there, and the error says what is', (reference, found) => {
  expect(() => resolveImage(catalogue, reference)).toThrow(
    expect.objectContaining({ code: 'CHAOS_IMAGE_UNKNOWN', message: expect.stringContaining(found) }),
  )
})
