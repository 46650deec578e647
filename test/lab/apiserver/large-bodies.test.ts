import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inOrderOf } from '../../../src/lab/apiserver/patches/order.ts'
import {
  applyPatchType,
  configMap,
  configMapsPath,
  jsonPatchType,
  mergePatchType,
  pod,
  podsPath,
  strategicPatchType,
  TestApi,
} from './api.ts'

// What takes a time that grows with the square of the body, or worse, takes minutes here: these tests would not end.
describe('a body as large as the server takes', () => {
  let api: TestApi
  beforeAll(async () => {
    api = await TestApi.start()
    await api.post(configMapsPath, configMap('large'))
  })
  afterAll(() => api.stop())

  const many = 30_000
  const path = `${configMapsPath}/large`
  const texts = Array.from({ length: many }, (_, index) => `x/${index}`)

  it('may have very many fields, which all get an owner', async () => {
    const data = Object.fromEntries(texts.map((_, index) => [`k${index}`, '']))
    const first = await api.put(path, configMap('large', data))
    expect(first.code).toBe(200)
    const changed = await api.patch(path, { data: { k7: 'x' } }, mergePatchType)
    expect(changed.body.data.k7).toBe('x')
    const applied = await api.patch(`${path}?fieldManager=m&force=true`, configMap('large', data), applyPatchType)
    expect(applied.code).toBe(200)
    expect(Object.keys(applied.body.data)).toHaveLength(many)
  })

  it('may add very many values to a list', async () => {
    const patched = await api.patch(path, { metadata: { finalizers: texts } }, strategicPatchType)
    expect(patched.code).toBe(200)
    expect(patched.body.metadata.finalizers).toHaveLength(many)
    const removed = { metadata: { '$deleteFromPrimitiveList/finalizers': texts.slice(1) } }
    const left = await api.patch(path, removed, strategicPatchType)
    expect(left.body.metadata.finalizers).toEqual([texts[0]])
  })

  it('may merge very many items into a list', async () => {
    await api.post(podsPath, pod('large'))
    const owners = texts.map((uid) => ({ uid }))
    const patched = await api.patch(`${podsPath}/large`, { metadata: { ownerReferences: owners } }, strategicPatchType)
    expect(patched.code).toBe(422)
    expect(patched.body.details.causes).toHaveLength(100)
  })

  it('is told in few words what is wrong with it', async () => {
    const data = Object.fromEntries(texts.map((text) => [text, '']))
    const refused = await api.post(configMapsPath, configMap('wrong', data))
    expect(refused.code).toBe(422)
    expect(refused.body.details.causes).toHaveLength(100)
  })

  it('cannot make a JSON patch that doubles its copies for ever', async () => {
    const doubling = Array.from({ length: 60 }, () => ({ op: 'copy', from: '/data', path: '/data/again' }))
    const refused = await api.patch(path, doubling, jsonPatchType)
    expect(refused.code).toBe(413)
    expect(refused.body.message).toContain('may copy')
    const long = Array.from({ length: 10_001 }, () => ({ op: 'remove', path: '/data' }))
    expect((await api.patch(path, long, jsonPatchType)).body.message).toBe(
      'The allowed maximum operations in a JSON patch is 10000, got 10001',
    )
  })

  it.each([
    ['keys that have keys', '? '.repeat(100_000), 400, 'nested more than 200 deep'],
    ['lists in lists', '['.repeat(100_000), 400, 'nested more than 200 deep'],
    ['a list as a key', '? [a, b]\n: c', 400, 'a key that is not a text'],
    ['aliases of aliases', `a: &a [x]\nb: [${'*a, '.repeat(2000)}]`, 400, 'aliases'],
    ['two documents', 'a: 1\n---\nb: 1', 400, 'more than one document'],
    ['more YAML than is read', 'a: b\n'.repeat(100_000), 413, 'send it as JSON'],
  ])('as YAML with %s is refused', async (_what, text, code, message) => {
    const refused = await api.send('POST', configMapsPath, text, 'application/yaml')
    expect(refused.code).toBe(code)
    expect(refused.body.message).toContain(message)
  })
})

describe('the order of a merged list', () => {
  it('is that of the patch, with the others where they were', () => {
    const identify = (item: unknown) => String(item)
    expect(inOrderOf(['a', 'b', 'c', 'd', 'e'], ['d', 'b', 'e'], ['a', 'b', 'c', 'd'], identify)).toEqual([
      'a',
      'c',
      'd',
      'b',
      'e',
    ])
  })
})
