import { expect, test } from 'vitest'
import { checkBlastRadius, defaultSafety, type Hit, rulesOn } from '../../src/safety/index.ts'

const settings = { ...defaultSafety, maxPods: 0.5, maxNodes: 0.34 }
const rules = rulesOn({ kind: 'kubernetes', namespace: 'shop' }, settings)
const pods = (hit: number, of: number): Hit => ({ hit, of, among: 'the pods of deployment/web' })
const check = (hits: Hit) => () => checkBlastRadius('The action was refused', 'maxPods', hits, rules)

test.each([
  [0, 0],
  [1, 2],
  [2, 4],
])('%i of %i pods are within a half', (hit, of) => {
  expect(check(pods(hit, of))).not.toThrow()
})

test.each([
  [1, 1],
  [2, 3],
  [3, 4],
])('%i of %i pods are more than a half', (hit, of) => {
  expect(check(pods(hit, of))).toThrow(
    expect.objectContaining({
      code: 'CHAOS_BLAST_RADIUS',
      message: expect.stringContaining(`${hit} of ${of} (${Number(((hit / of) * 100).toPrecision(3))} %)`),
    }),
  )
})

test('what is replaced one after the other hits no share at once', () => {
  expect(check({ ...pods(4, 4), gradually: true })).not.toThrow()
})

test('nodes have a limit of their own', () => {
  const two = () => checkBlastRadius('Draining', 'maxNodes', { hit: 1, of: 2, among: 'the nodes' }, rules)
  expect(two).toThrow(/safety\.maxNodes of the config allows 34 %/)
})
