import { describe, expect, test } from 'vitest'
import { choosePods, isChoosable, type PodChoice } from '../../src/kubernetes/actions/pod-choice.ts'
import type { Pod } from '../../src/kubernetes/api/resources.ts'

function pod(name: string, second: number, nodeName?: string): Pod {
  const creationTimestamp = `2026-03-01T09:30:${String(second).padStart(2, '0')}Z`
  return {
    metadata: { namespace: 'default', name, uid: name, generation: 0, creationTimestamp },
    spec: { containers: [], ...(nodeName === undefined ? {} : { nodeName }) },
    status: { phase: 'Running' },
  }
}

const all = [pod('c', 1, 'node1'), pod('a', 3, 'node1'), pod('b', 2, 'node2'), pod('d', 4)]
const zones: Record<string, string> = { node1: 'east', node2: 'east' }
const names = (choice: PodChoice) =>
  choosePods(all, choice, (node) => zones[node]).chosen.map(({ metadata }) => metadata.name)

describe('pods are chosen', () => {
  test.each<[string, PodChoice, string[]]>([
    ['the oldest', { order: 'oldest' }, ['c']],
    ['the two newest', { order: 'newest', count: 2 }, ['d', 'a']],
    ['all, by name', { order: 'name', count: 'all' }, ['a', 'b', 'c', 'd']],
    ['a share, rounded down', { order: 'name', share: '70%' }, ['a', 'b']],
    ['a small share: one at least', { order: 'name', share: '1%' }, ['a']],
    ['one of each node, the oldest there', { order: 'oldest', onePer: 'node' }, ['c', 'b']],
    ['one of one node', { order: 'newest', onePer: 'node', count: 1 }, ['a']],
    ['one of each zone', { order: 'newest', onePer: 'zone' }, ['a']],
  ])('%s', (_, choice, expected) => {
    expect(names(choice)).toEqual(expected)
  })

  test('by chance, which a seed repeats', () => {
    const { chosen, seed } = choosePods(all, { count: 2 })
    expect(seed).toBeTypeOf('number')
    expect(choosePods([...all].reverse(), { count: 2, seed: seed as number }).chosen).toEqual(chosen)
    const seen = new Set(Array.from({ length: 50 }, (_, seed) => names({ seed }).join()))
    expect([...seen].sort()).toEqual(['a', 'b', 'c', 'd'])
  })

  test.each<[string, PodChoice, string]>([
    ['more than there are', { count: 5 }, 'CHAOS_TOO_FEW_PODS'],
    ['none', { count: 0 }, 'CHAOS_BAD_CHOICE'],
    ['half a pod', { count: 0.5 }, 'CHAOS_BAD_CHOICE'],
    ['by number and by share', { count: 1, share: '50%' }, 'CHAOS_BAD_CHOICE'],
    ['more than nodes', { onePer: 'node', count: 3 }, 'CHAOS_TOO_FEW_PODS'],
  ])('but not %s', (_, choice, code) => {
    expect(() => choosePods(all, choice)).toThrow(expect.objectContaining({ code }))
  })

  test('from those that run and are to stay', () => {
    const running = pod('a', 1)
    expect(isChoosable(running)).toBe(true)
    expect(isChoosable({ ...running, status: { phase: 'Succeeded' } })).toBe(false)
    expect(isChoosable({ ...running, metadata: { ...running.metadata, deletionTimestamp: 'now' } })).toBe(false)
    const annotations = { 'kubernetes.io/config.mirror': 'x' }
    expect(isChoosable({ ...running, metadata: { ...running.metadata, annotations } })).toBe(false)
  })
})
